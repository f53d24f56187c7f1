"""What pages want to know of the world, as plain values: asked by a worker's probe slot."""

from app.executors.questions.base import Look, NoAnswer, Question, TookTooLong

__all__ = ["Look", "NoAnswer", "Question", "TookTooLong"]
