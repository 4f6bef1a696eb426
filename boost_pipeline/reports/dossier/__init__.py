"""Reports that are mailed around: the dossier of a release and the report of a month, each one page and one PDF.

`document` is what a report is made of, `release` and `month` read it from the warehouse, `pages` writes it as text,
`folder` publishes it. Numbers come from views/40_dossier.sql; nothing here computes one. The dashboard is
`reports.site`.
"""
