"""The value lists: which levels and which years an institution's vocabulary holds."""

from collections.abc import Mapping
from typing import Literal

Vocabulary = Literal["eu", "us"]

LEVELS: Mapping[Vocabulary, tuple[str, ...]] = {
    "eu": (  # 002:54-61
        "Certificate",
        "Undergraduate",
        "Postgraduate",
        "Doctorate",
        "Postdoctoral Researcher",
        "Non-Degree Seeking",
        "Secondary Education",
        "Further Education",
    ),
    "us": (  # the product's other public pages
        "Associates",
        "Certificate",
        "Advanced Certificate",
        "Bachelors",
        "Masters",
        "Doctorate",
        "Postdoctoral Studies",
        "Non-Degree Seeking",
        "Technical Diploma",
    ),
}

YEARS: Mapping[Vocabulary, tuple[str, ...]] = {
    "eu": (  # 002:67-81
        "Foundation year",
        "Bachelor 1st year or equivalent",
        "Bachelor 2nd year or equivalent",
        "Bachelor 3rd year or equivalent",
        "Bachelor 4th year or equivalent",
        "Master 1st year or equivalent",
        "Master 2nd year or equivalent",
        "Doctorate",
        "Postdoctoral Researcher",
        "Masters of Business Administration",
        "Alumni",
        "Certificate Program",
        "Further education",
        "Placement",
        "Gap Year",
    ),
    "us": (  # the product's other public pages
        "Freshman",
        "Sophomore",
        "Junior",
        "Senior",
        "First Year Community / Technical College",
        "Second Year Community / Technical College",
        "Certificate Program",
        "Masters",
        "Masters of Business Administration",
        "Accelerated Masters",
        "Doctorate",
        "Postdoctoral Studies",
        "Alumni",
    ),
}

ALUMNI = "Alumni"
