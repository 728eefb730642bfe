"""Every number that bounds what another server can make us do (SECURITY 0.8, 0.9)."""

DEADLINE_S = 10.0
CONNECT_S = 5.0
#: For an address that is not the last one: the next may answer sooner.
NEXT_ADDRESS_S = 2.0
ADDRESSES = 4
REDIRECTS = 3

DOCUMENT_BYTES = 1_000_000
#: Of an answer to a POST: nobody reads more than its first words.
ANSWER_BYTES = 4_096
HEAD_BYTES = 32_768
HEADERS = 128
#: Bytes on the wire for one byte of body: the worst chunking that is not meant to keep us busy.
FRAMING = 8
URL_LENGTH = 2_048

#: Connections to one host at a time, busy or not; the next caller waits within its deadline.
PER_HOST = 8
IDLE_CONNECTIONS = 256
#: Below the five seconds after which uvicorn and others hang up: a request rarely meets a closing door.
IDLE_S = 4.0
LOOKUPS = 32
