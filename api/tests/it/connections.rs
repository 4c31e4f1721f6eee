//! What can be done to a server before it has understood anything, or while it answers: a crowd that says nothing, floods
//! of frames, clients that leave. Whoever else asks is answered, and what all this costs is bounded.

mod crowd;
mod cut;
mod floods;
mod frames;
