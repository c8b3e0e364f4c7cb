//! The words of Lucid as types: ids, events, agents, memories, operations, limits, clocks.
