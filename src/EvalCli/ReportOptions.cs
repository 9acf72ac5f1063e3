using System.CommandLine;
using Serve.Eval;
using Serve.Eval.Reports;

namespace Serve.EvalCli;

/// <summary>The options that say which files an evaluation writes.</summary>
internal sealed class ReportOptions
{
    private readonly Option<string?> _json = new("--json") { Description = "File for the report, numbers in full precision." };
    private readonly Option<string?> _html = new("--html") { Description = "File for the report as one page with curves and tables, to be opened without network." };
    private readonly Option<string?> _csv = new("--csv") { Description = "File for the numbers as a table: a row a number." };
    private readonly Option<string?> _markdown = new("--markdown") { Description = "File for the report as Markdown, for a pull request." };
    private readonly Option<string?> _arrays = new("--arrays") { Description = "File for precision, recall and scores: little-endian float64, one after another." };
    private readonly Option<string?> _baseline = new("--baseline") { Description = "Earlier report of --json: --markdown and --html tell what changed." };
    private readonly Option<bool> _withoutImages = new("--without-images") { Description = "Leave file names, ids and counts of single images out of the reports (private datasets)." };

    public void AddTo(Command command)
    {
        command.Options.Add(_json);
        command.Options.Add(_html);
        command.Options.Add(_csv);
        command.Options.Add(_markdown);
        command.Options.Add(_arrays);
        command.Options.Add(_baseline);
        command.Options.Add(_withoutImages);
    }

    /// <summary>Reads the baseline, and makes sure that every file can be written: before long work, not after it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="others">Options of the command that name a file to write too.</param>
    /// <exception cref="InvalidInputException">A file that cannot be written, or a baseline that cannot be read.</exception>
    public ReportFiles Open(ParseResult parsed, IReadOnlyList<Option<string?>> others)
    {
        Option<string?>[] outputs = [_json, _html, _csv, _markdown, _arrays, .. others];
        foreach (var option in outputs)
        {
            if (parsed.GetValue(option) is { } path)
                Files.RequireWritable(path, option.Name);
        }

        var twice = outputs.Where(option => parsed.GetValue(option) is not null).GroupBy(option => Path.GetFullPath(parsed.GetValue(option)!)).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new InvalidInputException($"{string.Join(" and ", twice.Select(option => option.Name))} name the same file {twice.Key}.");
        EvaluationReport? baseline = null;
        if (parsed.GetValue(_baseline) is { } file)
        {
            if (parsed.GetValue(_markdown) is null && parsed.GetValue(_html) is null)
                throw new InvalidInputException("--baseline is for --markdown and --html, of which none is given.");
            baseline = ReadBaseline(Files.Existing(file, "--baseline"));
        }

        return new(
            parsed.GetValue(_json), parsed.GetValue(_html), parsed.GetValue(_csv), parsed.GetValue(_markdown), parsed.GetValue(_arrays),
            baseline, WithImages: !parsed.GetValue(_withoutImages));
    }

    private static EvaluationReport ReadBaseline(string file)
    {
        try
        {
            return EvaluationReport.FromJson(File.ReadAllText(file));
        }
        catch (InvalidInputException fault)
        {
            throw new InvalidInputException($"--baseline: {file}: {fault.Message}", fault);
        }
    }
}
