import json

from pipelines.duplicating import duplicates_of
from tests.journeys.homes import City, csv_text, rows_of


def test_a_city_without_duplicates_is_told_so(city: City) -> None:
    city.lists("parks")
    city.hands_over("parks", rows_of(3))
    city.run()

    told = duplicates_of(city.root)

    assert told.as_text() == "未发现未登记的重复数据。"
    assert told.as_json() == []


def test_duplicates_are_told_in_words_and_as_json_and_on_the_page(city: City) -> None:
    for dataset in ("parks", "zoo"):
        city.lists(dataset)
        city.hands_over(dataset, csv_text(rows_of(3)))
    city.run()

    told = duplicates_of(city.root)

    (found,) = json.loads(json.dumps(told.as_json()))
    assert (found["likeness"], found["copy"], found["original"]) == ("same_bytes", "zoo", "parks")
    assert found["text"] == "市market局“zoo目录”与市market局“parks目录”的来源文件逐字节相同。"
    assert found["text"] in told.as_text()
    index = (city.root / "reports" / "index.json").read_text(encoding="utf-8")
    assert json.loads(index)["copies"][0]["text"] == found["text"]
