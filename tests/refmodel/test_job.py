"""Jobs: which settings there are, and which go together."""

import pytest

from refmodel.job import DateFormat, Job, Mode


def test_a_job_is_automatic_at_first() -> None:
    """A job without words is automatic, without the setting, with dates as yyyy-mm-dd."""
    assert Job("north") == Job("north", "automatic", False, "yyyy-mm-dd")


def test_an_automatic_job_never_has_the_setting() -> None:
    """An automatic job that changes sensitive fields cannot be expressed."""
    with pytest.raises(ValueError, match="only a manual job"):
        Job("north", "automatic", change_sensitive_fields=True)


@pytest.mark.parametrize("wrong", [{"mode": "weekly"}, {"date_format": "dd.mm.yyyy"}])
def test_a_job_has_one_of_two_modes_and_formats(wrong: dict[str, str]) -> None:
    """Any other mode or date format is a programmer's mistake, and the message says what there is."""
    with pytest.raises(ValueError, match="' or '"):
        Job("north", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["automatic", "manual"])
@pytest.mark.parametrize("date_format", ["yyyy-mm-dd", "mm/dd/yyyy"])
def test_modes_and_formats_go_together(mode: Mode, date_format: DateFormat) -> None:
    """Either mode takes either date format, and keeps it."""
    job = Job("north", mode, date_format=date_format)
    assert (job.mode, job.date_format, job.change_sensitive_fields) == (mode, date_format, False)


def test_a_manual_job_may_have_the_setting() -> None:
    """A manual job changes sensitive fields if it is told to."""
    assert Job("north", "manual", change_sensitive_fields=True).change_sensitive_fields
