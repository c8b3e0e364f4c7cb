//! Missions, sessions, threads, outcomes and dreams.
