//! Who is trusted with what, what stands against the others, and what was tried to break it. This page has no code.
//!
//! # Who is trusted with what
//!
//! | who | with what | what stands against more |
//! |---|---|---|
//! | the user who launches, and root | everything: commands of a plan run as them, in their environment | nothing; who is root may launch anybody's plan, as in a container |
//! | other users of the machine | nothing, not even to look | directories 0700, files and the socket 0600 whatever the umask; the kernel says who connects, on both ends; a state directory that is a link, somebody else's or open to others is refused ([`crate::access`]) |
//! | people who share an account | as much as each other; a name by `--as` is marked *declared*, since nobody proves it | where a launch was opened under a declared name, who comes without one observes |
//! | who observes | to look, to note, to hold | every other order is refused before it comes to the loop ([`crate::hub`]) |
//! | who can write the plan's file | what the launch runs | a file, or its directory, that others can write begins no live launch, and is not taken into one; what was taken in is a copy, named by its hash |
//! | a command of the plan | all that its user may; what it writes is a stranger's | its output is read into lines of letters with their colours, and reaches our terminal as those; values of secrets are masked in it; an engine that dies costs it nothing, and `stop` ends its whole process group |
//! | production: what a probe is answered | nothing | a time limit and a cap in bytes a kind; texts lose their control characters before they are kept; at most 64 instances a probe |
//! | a channel by which people are told | the texts of notices | a time limit and a cap; nothing sent blocks the launch; it can order nothing |
//! | who can write the launch's directory | the journal; that is its user and root | each event carries a hash over the one before: a change shows in `tminus log --verify`, and a rewrite of all of it beside a head that a report or a handover named |
//! | the network | nothing | TLS by rustls with the machine's roots; a secret goes to the host of its own probe or channel alone, and not along a redirect; `http://` is as clear as the plan writes it |
//!
//! A secret is in the memory of the engine and in the environment of the plan's commands, so its user and root can read it
//! there. On disk is a salted digest. Where it comes back out of a command, a probe or a channel it is masked, also in
//! base64 and hex, and as URLs, JSON, shells and HTML write it; what it became otherwise (a part of it, another case,
//! encoded twice, encrypted) is not known to be one. [`crate::core::mask`] says exactly what is known.
//!
//! # How much is taken
//!
//! Whatever comes from outside has an end here, and it is said where something lies beyond it.
//!
//! | of what | at most | beyond it |
//! |---|---|---|
//! | a plan, a scenario; keys, a theme | 1 MiB ([`crate::plan::source::MAX_BYTES`], [`crate::paths::MAX_OWN`]) | refused |
//! | a body: of `http`, `sentry`, `prometheus` | 1, 4, 8 MiB; compressed ones are not asked for and not unpacked | no data or failing, with that reason |
//! | what a probe's `command` prints | 256 KiB | no data |
//! | an answer of PostgreSQL | 1,000 rows, 4,096 bytes a value | no data. While one value comes it is as large as the server sends within the poll's time limit: 1 GB |
//! | the answers of Redis to a poll | 8 MiB; over TLS, where a server has shown its name, what comes within the time limit | no data |
//! | what a probe says | 64 instances, 300 characters a text | no data; cut |
//! | readings of a signal in memory, on disk | 50,000; 48 hours, by the minute after the first | the oldest go |
//! | what a step prints, on disk | 64 MiB and its last 64 KiB | marked in it; the log says how much was not kept |
//! | the same, on a screen | 96 MiB | the oldest lines go, and it says how many |
//! | a line on the wire | 64 KiB ([`crate::wire::MAX_LINE`]) | it hangs up and says why |
//! | what a channel answers | 4 KiB | not read |
//!
//! # What was tried
//!
//! Each row is a command that anyone can run; `T` stands for `tests/run tests --test it --`.
//!
//! | what was tried | how much | what it found, and was mended | again |
//! |---|---|---|---|
//! | the engine killed before and after each append, at every kind of event, amid a step, a soak, undo 2 of 4, a handover | 2,800 seeded kills of the step function, 12 of the process; with `--long` 54,810 and 312 | nothing; of 19 faults put in by hand it found 18 | `T kills`, `tests/run --long` |
//! | a journal edited, cut, swapped, put back from before, of the first version | each form | commands that ran after the copy that was put back were not known | `T broken`, `T journal` |
//! | a disk without room, also with the reserve given up | each order and end of a command | ends of commands and triggers were not taken though the reserve was for them; an input was sent and not on record; with the reserve gone no way back went at all: it goes with a typed word now, is kept in memory, over a `kill -9` too, and written down when there is room | `T disk`, `T kills` |
//! | texts that hold escape sequences (7- and 8-bit), marks of direction, what has no width, floods of marks: in the plan, in steps' and probes' output, bodies, what PostgreSQL, Redis, Prometheus and Sentry say, names, notes, orders, on the wire and in a journal's row | 12 sequences and 9 marks in each; every output for people, every `--json`, and the screen's bytes at two sizes | with the cleaning of before 26 outputs had blanks without width, tags or floods; a path on stderr had all of it; `--json` left what a terminal obeys as it was | `T hostile` |
//! | broken texts for each of 17 readers: plans, scenarios, conditions, orders, keys, themes, frames of both sides, events, journal files, a run's output, what servers and commands answer to each kind of probe but `tcp` | kept ones in `tests/corpus`, and 8,350 made of them a run; with `--long` others, 90,000 in three minutes | a measure as `requests.5xx` could not be asked for; control characters were held of a run's output, and what a progress line had been; an order was spelled as another one. The PostgreSQL client panics at some answers: its probe says so and measures on | `T fuzz`, `tests/run --long` |
//! | servers and commands that say as much as they can: bodies, headers, JSON, rows, a value, labels without an end, zip bombs, 100 MB of lines, 150 MB of one | each kind of probe but `sentry` | rows of PostgreSQL were taken without an end, and what a Redis server said: 4 GB in 8 s; a keymap or a theme too; how much of an output was not kept stood only within it. The engine held 98 MB at most, the screen 109 MB (a debug build) | `T bounded` |
//! | inputs of observers, well made and broken | 100,000 a run, another seed each | nothing | `T observers` |
//! | another user at the socket; a umask of 0; links, foreign and open directories; plans that others write | each | links and open directories were taken, and so were such plans | `T peers`, `T access` |
//! | servers that are slow, silent, half open, reset, trickle, redirect to themselves, answer with another type, with an expired or self-signed certificate | each kind of probe, and 300 at once in one engine | words that took one for another; 300 that hang are as quick to order beside as 300 that answer | `T lying`, `T many` |
//! | the terminal taken away, the screen killed, the engine killed, a host of one process | each, over a step that runs | a client's remains that nobody reaped | `T gone`, `T contained`, `T journey` |
//! | a terminal that is not read for half a minute; one that is closed, the hang-up left as it is, ignored or handled by a shell | 60 polls; each | nothing: polls on time, memory of screen and engine flat, 19 KB when it is read again | `T unread` |
//! | 48 hours: 200 probes at 5 s, two screens, at fifty times the speed | 34,560 polls of each probe | each HTTPS probe held the machine's certificates of its own. The engine is 54 MiB resident where 40 were wanted, 22 of them the program's file; clients grow by 0.2 MiB, the disk has 60 MB, no poll is lost, no descriptor leaks | `tests/measure endurance` (an hour) |
//! | 1,000 HTTP probes at 1 s on one core; 20 clients; 1,000 steps | 15,000 polls (with `--quick`) | one in a hundred begins over 3.1 ms late (10 to 49 ms by Prometheus with its blackbox exporter), clients cost 0.6 % of a core; of 1,000 steps a first frame takes 27 ms, an order 10 ms, and **a key is answered after 4.7 ms, p95 9.0, where 5 were wanted** | `tests/measure scale` |
//! | known secrets in every place of a plan that can hold one, said again by servers and commands in every form, and each byte searched that came out: journal, output, log, wire, screen, reports, command lines | 22 secrets and 11 parts of them in 13 forms; without masking it finds 10,102 | base64, hex and %-encoded copies; notices of PostgreSQL and Prometheus in the engine's log; values that wait for a person, or gave way; what was cut off within one | `T secrets` |
//! | what we depend on: licences, where it comes from, banned TLS libraries, security advisories where they can be fetched, what nothing uses; `unsafe` in our code | 473 packages | nothing | `tests/run` |
//! | the engine stopped by a signal with polls under way, a soak, a step due by itself; in the rules an hour without an engine or with one that stands still, and a wall clock set by three hours both ways, against each clock | 13 s of the process; 5 kinds of clock times 2, 8 times 3 | of an engine that stood still limits, polls of gates and checks ran on, soaks were cut short by their limits, and steps that came due meanwhile began by themselves; a poll over which it stood still was an answer or a fault | `T time`, `tests/run tests --lib -- tests::time` |
