"""Working-day calendars as data: one file per region, exceptions to the plain week only.

``<year>,published,<notice>`` opens a year whose notice is known;
``<day>,holiday|workday,<occasion>`` departs from Monday to Friday;
``<year>,unverified,<note>`` marks a region's own days as still to be checked from
that year on. Read by ``opendata/workdays.py``.
"""
