"""Which places a question names, and which it only seems to."""

import pytest

from vdr.search.places import places_in


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("What does the chart on page 14 show?", "page 14"),
        ("How many cars are on Page 12", "page 12"),
        ("the logo on p. 5", "page 5"),
        ("as on p.12", "page 12"),
        ("pg. 7", "page 7"),
        ("page no. 7 and page #4", "page 7, page 4"),
        ("page number 5", "page 5"),
        ("What is the fax number on page fourteen?", "page 14"),
        ("page 3 of 10", "page 3"),
        ("cars on page 2 and bars on page 4", "page 2, page 4"),
        ("page 3 and 5?", "page 3, page 5"),
        ("on page 3 and 5 cars", "page 3"),
        ("pages 2, 4 and 6", "page 2, page 4, page 6"),
        ("pages 3-5", "page 3, page 4, page 5"),
        ("pp. 3–5", "page 3, page 4, page 5"),
        ("pages 3 through 5", "page 3, page 4, page 5"),
        ("page 1 to 3", "page 1, page 2, page 3"),
        ("page F-12", "page F-12"),
        ("page xii", "page xii"),
        ("Seite 5", "page 5"),
        ("página 3", "page 3"),
        ("slide 14", "number 14"),
        ("slides 5 and 7", "number 5, number 7"),
        ("the third page", "number 3"),
        ("the 21st slide", "number 21"),
        ("the first page", "number 1"),
        ("the first two pages", "number 1, number 2"),
        ("the cover", "number 1"),
        ("What court is noted on the cover page?", "number 1"),
        ("the title slide", "number 1"),
        ("the front cover", "number 1"),
        ("the last page", "last page"),
        ("the final slide", "last page"),
        ("the back cover", "last page"),
        ("the last 2 slides", "last page, page 2 from the end"),
        ("the second to last page", "page 2 from the end"),
        ("the third-to-last slide", "page 3 from the end"),
        ("the penultimate page", "page 2 from the end"),
        ("In figure 1, which arrows", "figure 1"),
        ("Fig. 4a", "figure 4a"),
        ("red box of Figure 3 (left)", "figure 3"),
        ("Figure 5 and Figure 6", "figure 5, figure 6"),
        ("figures 3 and 4", "figure 3, figure 4"),
        ("Table1-1", "table 1-1"),
        ("Table IV", "table iv"),
        ("Abb. 2", "figure 2"),
        ("Exhibit 10.1", "exhibit 10.1"),
        ("Exhibit P-10", "exhibit p-10"),
        ("Section 3.4?", "section 3.4"),
        ("chapter 3", "section 3"),
        ("Appendix B", "appendix b"),
        ("examples in the Appendix", "appendix"),
        ("figure A in page 3", "page 3, figure a"),
        ("Table 2, of page 9", "page 9, table 2"),
    ],
)
def test_places(question: str, places: str) -> None:
    assert str(places_in(question)) == places


@pytest.mark.parametrize(
    "question",
    [
        "What was revenue in 2018?",
        "What is the 10-K page count?",
        "What does Form 10 say?",
        "What does the 2018 10-K page say?",
        "How many page views did the site have?",
        "page 2 views",
        "What is in the table of contents?",
        "How many pages are there? It has 3 pages.",
        "twelve pages",
        "What does printing cost per page in 2017?",
        "the first page of results",
        "the first page of the search results",
        "What is the last page number?",
        "page numbers 3",
        "the home page and the web page",
        "page 3.5 inches wide",
        "page 4,500 words",
        "landing page 50% conversion",
        "pages 1900-1950",
        "pages 10 to 90",
        "slide xii",
        "figures for 2017",
        "Tables 2017",
        "It figures 3 times",
        "How many tables are there?",
        "table tennis",
        "a chart I made",
        "chart a course",
        "Section by section",
        "P = 0.05",
        "the last 3 years",
        "the second half",
        "What does the policy cover?",
        "the date of the cover letter",
        "the cover crop",
        "Give a list like ['Page 2', 'Page 4'].",
    ],
)
def test_false_friends(question: str) -> None:
    assert not places_in(question)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("the chart on page 14", {"page", "14"}),
        ("slides 5 and 7", {"slides", "5", "and", "7"}),
        ("the last page", {"last", "page"}),
        ("page 3 has how many of the 3 pages", {"page"}),
        ("pages 1900-1950", set()),
        ("Figure 3", set()),
    ],
)
def test_words_that_only_name_a_page_are_known(question: str, words: set[str]) -> None:
    assert places_in(question).words == words
