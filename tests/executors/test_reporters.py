import os

from tests.executors.reporters import ListReporter


class Output:
    def __init__(self, text):
        self.output, write_end = os.pipe()
        os.write(write_end, text)
        os.close(write_end)


def test_the_list_reporter_keeps_everything_and_starts_at_waiting():
    told, heard = ListReporter(), []
    told.on_status(heard.append)
    told.on_line(lambda number, at, text: heard.append((number, at, text)))
    assert told.statuses == ["waiting"]
    told.line("first", at=5)
    told.line("earlier", at=3)
    told.status("running")
    told.commit("9f2c", "message")
    told.event("section", phase="Git", state="begin")
    assert told.lines == ["first", "earlier"] and told.times == [5, 5]
    assert heard == [(0, 5, "first"), (1, 5, "earlier"), "running"]
    assert told.commits == [("9f2c", "message")]
    assert told.events == [("section", {"phase": "Git", "state": "begin"})]


def test_output_is_read_to_its_end_whatever_its_bytes():
    told = ListReporter()
    process = Output(b"one\r\ntwo\xff\n\nlast")
    told.attach(process)
    told.drain()
    os.close(process.output)
    assert told.lines == ["one\r", "two�", "", "last"]
