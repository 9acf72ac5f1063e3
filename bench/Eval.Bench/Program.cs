// How fast and how lean `serve evaluate` is, whole processes, and where the time goes. bench/evaluate-speed.sh runs all of it; one part alone:
//   dotnet run -c Release --project bench/Eval.Bench -- make artifacts/load --images 1000
//   dotnet run -c Release --project bench/Eval.Bench -- --help
using System.CommandLine;
using Serve.Eval;
using Serve.Eval.Bench.Load;
using Serve.Eval.Bench.Runs;

var folder = new Argument<string>("folder") { Description = "Folder of a load: gt.json, dt_bbox.json, dt_segm.json, gt_kpts.json, dt_kpts.json, or some of them." };
var script = new Option<string>("--serve") { Description = "The script serve.", DefaultValueFactory = _ => "./serve" };
var runs = new Option<int>("--runs") { Description = "Runs of each program.", DefaultValueFactory = _ => 5 };
var kinds = new Option<string>("--kinds") { Description = "boxes, masks, keypoints, with commas.", DefaultValueFactory = _ => "boxes,masks,keypoints" };
var images = new Option<int>("--images") { Description = "Number of images.", DefaultValueFactory = _ => 5000 };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same files.", DefaultValueFactory = _ => 1 };
var sizes = new Option<string>("--sizes") { Description = "Numbers of images, with commas.", DefaultValueFactory = _ => "1000,5000,20000,100000" };
var python = new Option<string>("--python") { Description = "Python whose evaluators are compared with.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("PYTHON") ?? "python3" };
var rivals = new Option<string[]>("--rival") { Description = "Another program: NAME=COMMAND {truth} {detections} {kind}." };

var make = new Command("make", "Writes a made-up load of COCO's proportions.") { folder, images, seed, kinds };
make.SetAction(parsed =>
{
    foreach (var kind in Kinds(parsed))
        new SyntheticLoad(parsed.GetValue(images), parsed.GetValue(seed)).Write(parsed.GetValue(folder)!, kind);
});

var speed = new Command("speed", "Whole processes side by side.") { folder, script, runs, python, rivals };
speed.SetAction(parsed => SpeedTable.Write(
    Console.Out, Own(parsed), [.. Contestant.InstalledIn(parsed.GetValue(python)!), .. (parsed.GetValue(rivals) ?? []).Select(Contestant.Parse)],
    parsed.GetValue(folder)!, parsed.GetValue(runs)));

var phases = new Command("phases", "Where the time goes, by number of cores.") { folder, script, runs };
phases.SetAction(parsed => Phases.Write(Console.Out, Own(parsed), parsed.GetValue(folder)!, parsed.GetValue(runs)));

var phaseKind = new Argument<string>("kind") { Description = "boxes, masks or keypoints." };
var phase = new Command("phase", "The phases of one run, in this process; milliseconds.") { folder, phaseKind };
phase.SetAction((parsed, ct) => Phases.RunAsync(Console.Out, parsed.GetValue(folder)!, Kind(parsed.GetValue(phaseKind)!), ct));

var growth = new Command("growth", "Time and memory by number of images, on made-up loads.") { folder, script, runs, kinds, sizes };
growth.SetAction(parsed => Growth.Write(
    Console.Out, Own(parsed), parsed.GetValue(folder)!, [.. Kinds(parsed)], Sizes(parsed), parsed.GetValue(runs)));

var resamples = new Command("resamples", "What intervals and comparisons cost, by number of threads; in this process.") { folder, phaseKind, runs };
resamples.SetAction((parsed, ct) => Resamples.WriteAsync(Console.Out, parsed.GetValue(folder)!, Kind(parsed.GetValue(phaseKind)!), parsed.GetValue(runs), ct));

var coverage = new Command("coverage", "How often intervals from some of the images cover, by method; in this process.") { folder, phaseKind, sizes, runs };
coverage.SetAction((parsed, ct) => Coverage.WriteAsync(
    Console.Out, parsed.GetValue(folder)!, Kind(parsed.GetValue(phaseKind)!), Sizes(parsed), parsed.GetValue(runs), ct));

var counts = new Option<string>("--results") { Description = "Numbers of results, with commas.", DefaultValueFactory = _ => "100,1000,5000" };
var ranks = new Command("ranks", "What ranks of made-up results cost, by number of threads; in this process.") { counts, runs };
ranks.SetAction(parsed => Ranks.Write(Console.Out, [.. parsed.GetValue(counts)!.Split(',').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))], parsed.GetValue(runs)));

return await new RootCommand("Measures serve evaluate.") { make, speed, phases, phase, growth, resamples, coverage, ranks }.Parse(args).InvokeAsync();

OwnProgram Own(ParseResult parsed) => new(Path.GetFullPath(parsed.GetValue(script)!));

int[] Sizes(ParseResult parsed) => [.. parsed.GetValue(sizes)!.Split(',').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];

IEnumerable<EvaluationKind> Kinds(ParseResult parsed) => parsed.GetValue(kinds)!.Split(',').Select(Kind);

static EvaluationKind Kind(string name) => EvaluationKind.All.FirstOrDefault(kind => kind.Name == name)
    ?? throw new InvalidInputException($"Got the kind {name}, allowed are {string.Join(", ", EvaluationKind.All.Select(kind => kind.Name))}.");
