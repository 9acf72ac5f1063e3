using Serve.Eval.Reports;

namespace Serve.Training.Runs;

/// <summary>The state of a training after a step or an evaluation.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="Epoch">Passes over the data done, with a fraction.</param>
/// <param name="Losses">Mean losses since the last report, by name; <c>total</c> is their sum.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Speed since the last report, evaluations not counted.</param>
/// <param name="TimeLeft">Estimate from the speed of this session, evaluations included; null before the first step.</param>
/// <param name="Evaluations">The validation reports, when they were just made: of boxes, then of masks where the detector learns them.</param>
/// <param name="Notice">Something to be told once, such as where first weights came from.</param>
public sealed record TrainingProgress(
    long Step, long TotalSteps, double Epoch, IReadOnlyDictionary<string, double> Losses, double LearningRate, double ImagesPerSecond, TimeSpan? TimeLeft,
    IReadOnlyList<EvaluationReport>? Evaluations = null, string? Notice = null);

/// <summary>How a training ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All steps are done.</summary>
    Finished,

    /// <summary>It was cancelled; its state is saved and the same command continues it.</summary>
    Interrupted,
}

/// <summary>The end of a training.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Step">Steps done.</param>
/// <param name="BestAp">AP by boxes of the best weights on the validation split; null before the first evaluation.</param>
/// <param name="BestStep">Step of the best weights.</param>
public sealed record TrainingResult(TrainingOutcome Outcome, long Step, double? BestAp, long BestStep);

/// <summary>A loss or a gradient is not finite. The message says which, where and what was seen last.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
