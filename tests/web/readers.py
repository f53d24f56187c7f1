"""How tests of pages read and post as one of the cast."""

HX = {"HX-Request": "true"}


def reader(browser, address, default=""):
    """Read something below an address: read("/7/details", "carol"). Nothing becomes markup."""

    def read(path=default, name="dave", **headers):
        answer = browser(name).get(f"{address}{path}", headers=headers)
        assert answer.status_code == 200, answer.status_code
        assert "<script>alert" not in answer.text
        return answer.text

    return read
