"""The data sources of Quartz' job store."""

from __future__ import annotations

from tests.products.texts import facts, links, read


def test_where_its_data_sources_lead():
    text = "org.quartz.dataSource.jobs.URL = jdbc:mysql://db:3307/q?connectTimeout=1000\norg.quartz.dataSource.jobs.password = hunter2\n"
    (found,), _ = read("quartz", {"quartz.properties": text})
    assert links(found) == ["db:3307 mysql data source jobs @ 1:34"]
    assert facts(found.links[0].facts, "connect.connect") == ["connect.connect = 1s (connectTimeout, written @ 1:57)"]
    assert "hunter2" not in repr(found)
