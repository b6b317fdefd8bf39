"""The timetable: assembly, schedules and the command. Nothing here knows how work is done."""
