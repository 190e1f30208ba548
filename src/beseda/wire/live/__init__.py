"""Beseda's own live protocol, version 1: messages (`messages`), calls and answers, and the things that are in them."""

from beseda.wire.live.answers import *
from beseda.wire.live.calls import *
from beseda.wire.live.messages import *
from beseda.wire.live.own import *
from beseda.wire.live.own_calls import *
from beseda.wire.live.people import *
from beseda.wire.live.rooms import *
