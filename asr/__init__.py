"""Speech to text: recogniser protocol, engines, workers, utterances, transcripts, spoken choices and scores."""
