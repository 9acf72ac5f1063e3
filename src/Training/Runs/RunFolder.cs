using System.Text.Json;
using Serve.Eval;
using Serve.Eval.Json;
using Serve.Inference.Models;
using Serve.Training.Checkpoints;
using Serve.Training.Models;
using Serve.Training.Recipes;

namespace Serve.Training.Runs;

/// <summary>Which weights of a run.</summary>
public enum CheckpointKind
{
    /// <summary>Those with the best AP of boxes on the validation split.</summary>
    Best,

    /// <summary>Those of the last saved step.</summary>
    Last,
}

/// <summary>
/// A training's folder: <c>recipe.json</c> (resolved), <c>run.json</c> (<see cref="RunRecord"/>), <c>metrics.jsonl</c>,
/// <c>checkpoints/last.safetensors</c> (everything, to resume from) and <c>checkpoints/best.safetensors</c> (averaged weights); after each evaluation, <c>run.html</c>
/// (<see cref="RunPage"/>) and <c>curves/</c> (<see cref="RunCurves"/>).
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path, Recipe recipe, RunRecord record) => (Path, Recipe, Record) = (path, recipe, record);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The resolved recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>What was trained on what, with which code.</summary>
    public RunRecord Record { get; private set; }

    /// <summary>The log of losses and evaluations.</summary>
    public string MetricsPath => File("metrics.jsonl");

    /// <summary>Opens the folder of a run.</summary>
    /// <exception cref="InvalidInputException">It is not one; the message says what is missing or wrong.</exception>
    public static RunFolder Open(string path)
    {
        var recipeFile = System.IO.Path.Combine(path, "recipe.json");
        var recordFile = System.IO.Path.Combine(path, "run.json");
        if (!System.IO.File.Exists(recipeFile) || !System.IO.File.Exists(recordFile))
            throw new InvalidInputException($"{path}: not the folder of a run; it has no {(System.IO.File.Exists(recipeFile) ? "run.json" : "recipe.json")}.");

        try
        {
            var record = JsonSerializer.Deserialize<RunRecord>(System.IO.File.ReadAllText(recordFile), RecipeJson.Options) ?? throw new JsonException("It is null.");
            return new(path, RecipeJson.Read(System.IO.File.ReadAllText(recipeFile), recipeFile), record);
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"{recordFile}: not the record of a run: {SyntaxReason.Shortened(fault.Message)}", fault);
        }
    }

    /// <summary>Path of a checkpoint, which need not exist.</summary>
    public string CheckpointPath(CheckpointKind kind) => File(System.IO.Path.Combine("checkpoints", kind == CheckpointKind.Best ? "best.safetensors" : "last.safetensors"));

    /// <summary>The detector with averaged weights, in evaluation mode, on the CPU. The caller owns it.</summary>
    /// <exception cref="InvalidInputException">There is no such checkpoint, or it is damaged.</exception>
    public Detector LoadDetector(CheckpointKind kind)
    {
        var detector = Recipe.CreateDetector();
        try
        {
            TrainingState.RestoreAverage(CheckpointPath(kind), detector);
        }
        catch
        {
            detector.Dispose();
            throw;
        }

        detector.eval();
        return detector;
    }

    /// <summary>The passport of a model made from this run: categories, input, and where the weights come from.</summary>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">Version of the model, 1 and up.</param>
    /// <param name="kind">Which weights.</param>
    /// <param name="multiplyAdds">Multiply-adds for one image at the test resolution.</param>
    /// <exception cref="InvalidInputException">There is no such checkpoint, or it is damaged.</exception>
    public Passport BuildPassport(string name, int version, CheckpointKind kind, long multiplyAdds)
    {
        var step = TrainingState.StepOf(CheckpointPath(kind));
        return new()
        {
            Name = name,
            Version = version,
            Input = Recipe.ToInputSpec(),
            Outputs = Recipe.ToOutputSpec(),
            Categories = Record.Categories,
            Provenance = new()
            {
                Recipe = Recipe.Name,
                Commit = Record.Sessions.Count > 0 ? Record.Sessions[^1].Commit : SourceCommit.Unknown,
                Seed = Record.Seed,
                TrainedOn = [new(Record.Training.Name, Record.Training.ContentHash, Record.Training.Images, (double)step / Record.StepsPerEpoch)],
                Parameters = Record.Parameters,
                MultiplyAdds = multiplyAdds,
                TrainingResolution = Recipe.Augmentation.Resolution,
                TestResolution = Recipe.TestResolution,
                Metrics = [.. from protocol in new[] { MetricsLog.BoxProtocol, MetricsLog.MaskProtocol }
                              let values = MetricsLog.EvaluationAt(MetricsPath, step, protocol)
                              where values is not null
                              select new ObtainedMetrics(Record.Validation.Name, protocol, values)],
            },
        };
    }

    /// <summary>Creates the folder of a new run, or opens that of an earlier session after checking that it is the same run.</summary>
    /// <exception cref="InvalidInputException">The folder holds another run (the message lists what differs) or other files.</exception>
    internal static RunFolder Prepare(string path, Recipe recipe, RunRecord record)
    {
        if (System.IO.File.Exists(System.IO.Path.Combine(path, "run.json")))
        {
            var run = Open(path);
            var differences = RecipeJson.Differences(run.Recipe, recipe).Concat(Differences(run.Record, record)).ToList();
            return differences.Count == 0
                ? run
                : throw new InvalidInputException($"{path}: holds another run, which cannot be continued with this recipe and data. In the folder and asked for:"
                    + $"{string.Concat(differences.Select(d => $"\n  {d}"))}\nGive another folder, or delete this one.");
        }

        // A session that was killed between the two files leaves a recipe alone, which is no run yet.
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => System.IO.Path.GetFileName(entry) is not ("recipe.json" or "checkpoints")))
            throw new InvalidInputException($"{path}: is not empty and not the folder of a run; give a new or empty folder.");

        var created = new RunFolder(path, recipe, record);
        Directory.CreateDirectory(created.File("checkpoints"));
        WriteText(created.File("recipe.json"), RecipeJson.Write(recipe));
        created.Save();
        return created;
    }

    /// <summary>Keeps other processes from training into the folder until the answer is disposed, or the process is gone.</summary>
    /// <exception cref="InvalidInputException">One does so already.</exception>
    internal IDisposable Claim()
    {
        var file = File(".training");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException fault) when (System.IO.File.Exists(file))
        {
            throw new InvalidInputException($"{Path}: another process is training into this folder; let it end or stop it, or give another folder.", fault);
        }
    }

    /// <summary>Adds a session to the record.</summary>
    /// <param name="session">The session.</param>
    /// <param name="imported">What came of reading first weights; null where the session reads none.</param>
    internal void Begin(RunSession session, ImportReport? imported)
    {
        Record = Record with { Sessions = [.. Record.Sessions, session], InitialWeights = imported ?? Record.InitialWeights };
        Save();
    }

    private static IEnumerable<string> Differences(RunRecord first, RunRecord second)
    {
        if (first.Training != second.Training)
            yield return $"training data: {first.Training} and {second.Training}";
        if (first.Validation != second.Validation)
            yield return $"validation data: {first.Validation} and {second.Validation}";
        if (!first.Categories.SequenceEqual(second.Categories))
            yield return $"categories: {string.Join(", ", first.Categories.Select(c => c.Name))} and {string.Join(", ", second.Categories.Select(c => c.Name))}";
        if (first.Parameters != second.Parameters)
            yield return $"parameters: {first.Parameters} and {second.Parameters}";
    }

    private void Save() => WriteText(File("run.json"), JsonSerializer.Serialize(Record, RecipeJson.Options));

    private static void WriteText(string path, string text)
    {
        System.IO.File.WriteAllText(path + ".partial", text + "\n");
        System.IO.File.Move(path + ".partial", path, overwrite: true);
    }

    /// <summary>Path of a file in the folder.</summary>
    internal string File(string name) => System.IO.Path.Combine(Path, name);
}
