//! The page of the agent.
