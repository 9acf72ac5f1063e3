using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Recipes;

namespace Serve.Training.Runs;

/// <summary>What to train, on what, and where to put it.</summary>
public sealed record TrainingRequest
{
    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The dataset's folder.</summary>
    public required DatasetFolder Data { get; init; }

    /// <summary>The run's folder. Created when missing; when it holds a checkpoint of the same recipe and data, the run continues from it.</summary>
    public required string Out { get; init; }

    /// <summary>Commit of the code, for the record.</summary>
    public string Commit { get; init; } = SourceCommit.Built;

    /// <summary>Split to train on.</summary>
    public string TrainSplit { get; init; } = "train";

    /// <summary>Split that chooses the best weights.</summary>
    public string ValidationSplit { get; init; } = "val";

    /// <summary><c>cpu</c>, <c>cuda</c>, <c>cuda:n</c> or <c>auto</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Threads of libtorch; 0 for its own choice. Sums over several threads are added in an order that depends on their number,
    /// so equal weights bit for bit need an equal number of threads.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Background threads that prepare images.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>A line in <c>metrics.jsonl</c> every so many steps, with the mean losses since the last.</summary>
    public int LogEverySteps { get; init; } = 10;

    /// <summary>The last state is saved every so many steps, besides at each evaluation.</summary>
    public int CheckpointEverySteps { get; init; } = 500;

    /// <summary>Checks the recipe and the numbers.</summary>
    /// <exception cref="InvalidInputException">One is out of range.</exception>
    public void Validate()
    {
        Recipe.Validate();
        Recipe.RequireWeightsOfFrozenParts();
        RequireAtLeast(0, Threads, "threads");
        RequireAtLeast(1, LogEverySteps, "steps between two lines of the log");
        RequireAtLeast(1, CheckpointEverySteps, "steps between two checkpoints");

        static void RequireAtLeast(int lower, int given, string name)
        {
            if (given < lower)
                throw new InvalidInputException($"{name}: got {given}, allowed {lower} or more.");
        }
    }
}
