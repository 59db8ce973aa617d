"""Tests of the web shop that provoke errors on purpose; they pass."""

import unittest
from unittest import mock

import web


class Checkout(unittest.TestCase):
    def call(self, path: str) -> str:
        seen = []
        web.app({"REQUEST_METHOD": "GET", "PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1"}, lambda status, _: seen.append(status))
        return seen[0]

    def test_missing_gateway_is_an_internal_error(self) -> None:
        self.assertEqual(self.call("/checkout"), "500 Internal Server Error")

    def test_database_down_is_an_internal_error(self) -> None:
        with mock.patch.dict("os.environ", DATABASE_URL="postgresql://shop@127.0.0.1:1/shop"):
            self.assertEqual(self.call("/orders"), "500 Internal Server Error")

    def test_unknown_page(self) -> None:
        self.assertEqual(self.call("/nowhere"), "404 Not Found")


if __name__ == "__main__":
    unittest.main(verbosity=2)
