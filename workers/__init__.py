"""The processes behind the web: RQ workers that send, and the clock that hands over what is due."""
