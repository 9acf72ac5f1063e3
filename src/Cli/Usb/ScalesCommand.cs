using System.CommandLine;
using Serve.Eval.Usb;
using Serve.EvalCli;

namespace Serve.Cli.Usb;

/// <summary><c>serve usb scales</c>: every scale measure of the benchmark on one dataset.</summary>
internal static class ScalesCommand
{
    private const string AllNames = "relative,absolute,bands,tiny-person";

    private static readonly Dictionary<string, ScaleMeasures> Measures = new()
    {
        ["relative"] = ScaleMeasures.Relative,
        ["absolute"] = ScaleMeasures.Absolute,
        ["linear"] = ScaleMeasures.Linear,
        ["bands"] = ScaleMeasures.Bands,
        ["tiny-person"] = ScaleMeasures.TinyPerson,
    };

    private static readonly Dictionary<string, UsbDataset> Datasets = new() { ["coco"] = UsbDataset.Coco, ["wod"] = UsbDataset.Wod, ["m109s"] = UsbDataset.M109s };

    private static readonly Dictionary<string, AreaSource> Sources = new() { ["annotation"] = AreaSource.Annotation, ["box"] = AreaSource.Box };

    public static Command Create()
    {
        var truth = new Option<string>("--truth") { Description = "COCO annotation file.", Required = true };
        var detections = new Option<string>("--detections") { Description = EvaluationFiles.DetectionFormats + ".", Required = true };
        var dataset = new Option<string>("--dataset") { Description = "Whose rules: coco (also for other data), wod or m109s.", DefaultValueFactory = _ => "coco" };
        var measures = new Option<string>("--measures") { Description = "Any of relative, absolute, linear, bands and tiny-person.", DefaultValueFactory = _ => AllNames };
        var source = new Option<string>("--area-source") { Description = "Area of an object: annotation or box.", DefaultValueFactory = _ => "annotation" };
        var divisions = UsbCommand.Divisions();
        var json = UsbCommand.Json();
        var command = new Command(
            "scales",
            """
            Average precision by size in every measure of the benchmark, and per category.
            Examples: serve usb scales --truth instances_val.json --detections results.json
                      serve usb scales --truth val.json --detections results.json --measures linear,bands --area-source box
            """)
        {
            truth, detections, dataset, measures, source, divisions, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var wanted = parsed.GetValue(measures)!.Split(',').Aggregate(ScaleMeasures.None, (all, name) => all | Choice.Of("--measures", name, Measures));
            var protocol = UsbCommand.Rules(parsed, divisions).ProtocolOf(Choice.Of("--dataset", parsed.GetValue(dataset)!, Datasets)) with
            {
                AreaSource = Choice.Of("--area-source", parsed.GetValue(source)!, Sources),
            };
            var (read, found) = await EvaluationFiles.ReadAsync(parsed.GetValue(truth)!, parsed.GetValue(detections)!, protocol.Parts, hash: false, ct);
            var report = UsbScales.Evaluate(read, found, protocol, wanted, ct: ct);
            return await UsbCommand.WriteAsync(parsed, json, report.ToJson(), report.ToText(), ct);
        });
        return command;
    }
}
