using System.CommandLine;
using Serve.Eval.Profiles;
using Serve.EvalCli;
using Serve.Inference.Drawing;

namespace Serve.Cli.Data;

/// <summary><c>serve data stats</c>: counts what is in a dataset, and draws how large its objects are.</summary>
internal static class StatsCommand
{
    public static Command Create()
    {
        var source = new SourceArguments();
        var json = new Option<string?>("--json") { Description = "File for the numbers, for programs." };
        var svg = new Option<string?>("--svg") { Description = "File for a picture of the objects' scales, as SVG." };
        var png = new Option<string?>("--png") { Description = "File for the same picture, as PNG." };
        var command = new Command(
            "stats",
            """
            Counts images, objects and categories of each split, and how large the objects are, relative to their images and in pixels.
            Examples: serve data stats data/demo-scenes
                      serve data stats data/demo-scenes --split train,val --svg scales.svg --png scales.png --json stats.json
            """);
        source.AddTo(command);
        command.Options.Add(json);
        command.Options.Add(svg);
        command.Options.Add(png);
        command.SetAction(async (parsed, ct) =>
        {
            var opened = source.Open(parsed);
            var splits = await SourceArguments.ReadAsync(opened, source.Splits(parsed, opened), faults: null, parsed.InvocationConfiguration.Error, ct);
            var report = new ProfileReport(opened.Path, opened.Format, [.. splits.Select(split => DatasetProfile.Of(split.Name, split.Dataset))]);
            if (parsed.GetValue(json) is { } jsonFile)
            {
                await Files.WriteAsync(jsonFile, report.ToJson(), ct);
            }

            if (parsed.GetValue(svg) is { } svgFile)
            {
                await Files.WriteAsync(svgFile, report.ToFigure().ToSvg(), ct);
            }

            if (parsed.GetValue(png) is { } pngFile)
            {
                await Files.WriteAsync(pngFile, FigureDrawing.ToPng(report.ToFigure()), ct);
            }

            await parsed.InvocationConfiguration.Output.WriteAsync(report.ToText());
            return 0;
        });
        return command;
    }
}
