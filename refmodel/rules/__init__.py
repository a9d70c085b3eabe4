"""The rules, a file for each phase, in the order in which `refmodel.catalogue` has them on one screen.

The package itself imports none of them: what rules are made of would be imported again before it is there.
"""
