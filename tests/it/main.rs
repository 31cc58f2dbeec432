//! Integration tests against real servers, real processes and a real pseudo-terminal, all in one binary: each further
//! one would link every dependency again. One file a subject; `support` has what they share.

mod asked;
mod broken;
mod contained;
mod crash;
mod deadlines;
mod demo;
mod disk;
mod ends;
mod engine;
mod gone;
mod http;
mod incidents;
mod journal;
mod journey;
mod layers;
mod past;
mod peers;
mod planfile;
mod postgres;
mod prometheus;
mod readme;
mod redis;
mod resume;
mod runner;
mod screen;
mod sentry;
mod status;
mod stopped;
mod supervise;
mod support;
mod tls;
mod wants;
mod wire;
mod words;
mod world;
