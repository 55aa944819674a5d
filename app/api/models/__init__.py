"""The loaded models by themselves: embeddings and reranking, in the forms that other programs know."""
