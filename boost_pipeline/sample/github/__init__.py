"""A GitHub for tests and for the demo: REST v3 and GraphQL on loopback, over an organisation made by code.

    with GitHubEmulator(sample_world()) as github:
        requests.get(f"{github.url}/repos/boostorg/config/issues", headers={"Authorization": "Bearer sample-token"})

`world` is what there is and what can happen to it, `script` and `large` are two organisations, `server` answers for
them. What GitHub documents is done as documented; where it is silent, the choice is told where it is made.
"""
