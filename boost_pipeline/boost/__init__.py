"""What Boost is: versions, .gitmodules, libraries.json. Pure functions that do no input or output."""
