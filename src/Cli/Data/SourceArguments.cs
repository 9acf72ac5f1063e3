using System.CommandLine;
using Serve.Cli.Terminal;
using Serve.Eval;
using Serve.Eval.Checks;
using Serve.Eval.Formats;
using Serve.Inference.Datasets;

namespace Serve.Cli.Data;

/// <summary>The arguments that name a dataset to be read, the same in every command.</summary>
internal sealed class SourceArguments
{
    private const string Auto = "auto";

    private readonly Argument<string> _path = new("dataset") { Description = "Folder of the dataset, a COCO .json file, or a YOLO data.yaml." };
    private readonly Option<string> _from = new("--from") { Description = $"Its format: {Auto}, {string.Join(", ", DatasetFormats.Names)}. LVIS is coco.", DefaultValueFactory = _ => Auto };
    private readonly Option<string?> _split = new("--split") { Description = "Splits, separated by commas; all when not given." };
    private readonly Option<string?> _images = new("--images") { Description = "Folder of the pictures, where they are not beside the annotations." };
    private readonly Option<string> _frames = new("--frames") { Description = "Waymo: f0 (every tenth frame, as USB takes them) to f9, or all.", DefaultValueFactory = _ => "f0" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_path);
        command.Options.Add(_from);
        command.Options.Add(_split);
        command.Options.Add(_images);
        command.Options.Add(_frames);
    }

    /// <summary>Opens the dataset.</summary>
    /// <exception cref="InvalidInputException">An argument that cannot be used, or no dataset.</exception>
    public DatasetSource Open(ParseResult parsed)
    {
        var from = parsed.GetValue(_from)!;
        DatasetFormat? format = from == Auto ? null
            : DatasetFormats.Find(from) ?? throw new InvalidInputException($"--from: got {from}, allowed are {Auto}, {string.Join(", ", DatasetFormats.Names)}.");
        return DatasetOpening.Open(parsed.GetValue(_path)!, format, parsed.GetValue(_images), WaymoFrames.Parse(parsed.GetValue(_frames)!));
    }

    /// <summary>Names of the splits that are asked for.</summary>
    /// <exception cref="InvalidInputException">The dataset has no such split.</exception>
    public IReadOnlyList<string> Splits(ParseResult parsed, DatasetSource source)
    {
        if (parsed.GetValue(_split) is not { } asked)
        {
            return source.DistinctSplits;
        }

        string[] names = [.. asked.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        foreach (var name in names)
        {
            source.StepsOf(name);
        }

        return names.Length > 0 ? names : throw new InvalidInputException($"--split: got no name, allowed are {string.Join(", ", source.Splits)}.");
    }

    /// <summary>Reads splits, with a display of progress.</summary>
    /// <param name="source">The dataset.</param>
    /// <param name="names">Names of splits.</param>
    /// <param name="faults">Is told what is wrong; null to stop at the first fault.</param>
    /// <param name="error">Where progress goes.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<IReadOnlyList<DatasetSplit>> ReadAsync(
        DatasetSource source, IReadOnlyList<string> names, IFaultSink? faults, TextWriter error, CancellationToken ct)
    {
        var splits = new List<DatasetSplit>();
        foreach (var name in names)
        {
            splits.Add(await WorkProgress.RunAsync($"reading {name}", source.StepsOf(name), error, progress =>
                faults is null ? source.ReadAsync(name, progress, ct) : source.ReadAsync(name, faults, progress, ct)));
        }

        return splits;
    }
}
