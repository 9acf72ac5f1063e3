using Serve.Eval.Datasets;
using Serve.Training.Checkpoints;

namespace Serve.Training.Runs;

/// <summary>A dataset split that a run uses.</summary>
/// <param name="Name">Dataset and split: <c>bccd/train</c>.</param>
/// <param name="ContentHash">SHA-256 of its annotation file.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Objects">Number of annotated objects.</param>
public sealed record RunDataset(string Name, string ContentHash, int Images, int Objects)
{
    /// <summary>Describes a split.</summary>
    public static RunDataset From(DatasetFolder folder, string split, Dataset dataset)
        => new($"{folder.Name}/{split}", dataset.ContentHash, dataset.Images.Count, dataset.GroundTruths.Count);
}

/// <summary>One session of a run: it is started once and may be resumed.</summary>
/// <param name="StartedAt">When it started.</param>
/// <param name="FirstStep">Steps that were done before.</param>
/// <param name="Commit">Commit of the code.</param>
/// <param name="Device">Device it runs on.</param>
/// <param name="Threads">Threads of libtorch.</param>
/// <param name="Versions">Library versions by name.</param>
public sealed record RunSession(DateTimeOffset StartedAt, long FirstStep, string Commit, string Device, int Threads, IReadOnlyDictionary<string, string> Versions);

/// <summary>What <c>run.json</c> holds, besides the recipe (<c>recipe.json</c>): all that is needed to make the run again.</summary>
public sealed record RunRecord
{
    /// <summary>Version of this record's layout.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The split that is trained on.</summary>
    public required RunDataset Training { get; init; }

    /// <summary>The split that chooses the best weights.</summary>
    public required RunDataset Validation { get; init; }

    /// <summary>Categories in label order.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>Folder of the dataset on the machine that trained, for commands that need its pictures again.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Steps in one pass over the data.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Seed of weights, order and augmentation.</summary>
    public required long Seed { get; init; }

    /// <summary>What came of reading the recipe's first weights; null for random ones.</summary>
    public ImportReport? InitialWeights { get; init; }

    /// <summary>The sessions, first to last.</summary>
    public IReadOnlyList<RunSession> Sessions { get; init; } = [];
}
