using Serve.Eval.Bench.Load;

namespace Serve.Eval.Bench.Runs;

/// <summary>An evaluator to compare with: a program that is given two files and a kind.</summary>
/// <param name="Name">Its name and version.</param>
/// <param name="Command">The program and its arguments; <c>{truth}</c>, <c>{detections}</c> and <c>{kind}</c> stand for the files and bbox, segm or keypoints.</param>
internal sealed record Contestant(string Name, IReadOnlyList<string> Command)
{
    private static readonly (string Package, string Data, string Evaluation, string Class)[] Packages =
    [
        ("pycocotools", "pycocotools.coco", "pycocotools.cocoeval", "COCOeval"),
        ("faster_coco_eval", "faster_coco_eval", "faster_coco_eval", "COCOeval_faster"),
        ("hotcoco", "hotcoco", "hotcoco", "COCOeval"),
    ];

    /// <summary>The evaluators that a Python installation has.</summary>
    public static IReadOnlyList<Contestant> InstalledIn(string python)
    {
        var found = new List<Contestant>();
        foreach (var (package, data, evaluation, name) in Packages)
        {
            try
            {
                var version = MeasuredRun.Of(python, "-c", VersionScript(package, evaluation)).Output.Trim();
                found.Add(new($"{package} {version}".TrimEnd(), [python, "-c", Script(data, evaluation, name), "{truth}", "{detections}", "{kind}"]));
            }
            catch (Exception missing) when (missing is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // Not installed there: not in the table.
            }
        }
        return found;
    }

    /// <summary>An evaluator given as <c>NAME=COMMAND</c>; it prints "AP" and the number.</summary>
    public static Contestant Parse(string text)
    {
        var parts = text.Split('=', 2);
        return parts.Length == 2
            ? new(parts[0], parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : throw new InvalidInputException($"--rival: got {text}, allowed is NAME=COMMAND with {{truth}}, {{detections}} and {{kind}} in the command.");
    }

    /// <summary>Runs it once.</summary>
    public MeasuredRun Run(EvaluationKind kind, string folder)
    {
        var (truth, detections) = kind.FilesIn(folder);
        return MeasuredRun.Of([.. Command.Select(part => part switch
        {
            "{truth}" => truth,
            "{detections}" => detections,
            "{kind}" => kind.Reference,
            "{protocol}" => kind.Protocol.Name,
            _ => part,
        })]);
    }

    // An installed package has its version in its metadata; one that is used where it was built in itself, or in the project file beside it.
    private static string VersionScript(string package, string evaluation) => $"""
        import importlib.metadata, os, re, {evaluation}
        def built():
            folder = os.path.dirname(os.path.dirname(os.path.abspath({package}.__file__)))
            for name in ("pyproject.toml", "setup.py"):
                path = os.path.join(folder, name)
                found = os.path.exists(path) and re.search(r"^\s*version\s*=\s*['\"]([^'\"]+)", open(path).read(), re.M)
                if found: return found.group(1)
            return ""
        try: print(importlib.metadata.version("{package}"))
        except importlib.metadata.PackageNotFoundError: print(getattr({package}, "__version__", "") or built())
        """;

    // The packages answer to the same calls.
    private static string Script(string data, string evaluation, string name) => $"""
        import sys
        from {data} import COCO
        from {evaluation} import {name} as COCOeval
        truth = COCO(sys.argv[1])
        found = truth.loadRes(sys.argv[2])
        run = COCOeval(truth, found, sys.argv[3])
        run.evaluate(); run.accumulate(); run.summarize()
        print("AP %.15f" % run.stats[0])
        """;
}
