"""
The whole system on one machine without containers: set up, run, watch, try.

``install.sh`` sets up, ``up.py`` runs and watches, ``demo`` shows the main job, ``run_tests.py`` tests.
"""
