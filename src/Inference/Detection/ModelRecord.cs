namespace Serve.Inference.Detection;

/// <summary>Writes down what a model's requests did: counters for those who ask, metrics for those who listen.</summary>
internal sealed class ModelRecord(ModelStatistics statistics, InferenceMetrics metrics)
{
    /// <summary>A run has ended.</summary>
    public void Ran(int size, TimeSpan infer)
    {
        statistics.Ran(size, infer);
        metrics.Ran(size);
    }

    /// <summary>A request was answered.</summary>
    public void Succeeded(int batchSize, in StageTimes stages)
    {
        statistics.Succeeded(batchSize, stages);
        metrics.Succeeded(stages);
    }

    /// <summary>A request was not answered.</summary>
    public void Failed(Exception cause, TimeSpan after)
    {
        statistics.Failed(cause, after);
        metrics.Failed(cause);
    }
}
