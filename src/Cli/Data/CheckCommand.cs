using System.CommandLine;
using Serve.Cli.Models;
using Serve.Cli.Terminal;
using Serve.Eval.Checks;
using Serve.EvalCli;
using Serve.Inference.Pictures;

namespace Serve.Cli.Data;

/// <summary><c>serve data check</c>: lists everything that is wrong with a dataset at once.</summary>
/// <remarks>Ends with 0 when there are no errors (there may be warnings), and with 2 when there are: such a dataset is bad input.</remarks>
internal static class CheckCommand
{
    private const int BadInput = 2;

    public static Command Create()
    {
        var source = new SourceArguments();
        var examples = new Option<int>("--examples") { Description = "Places shown of each kind of fault.", DefaultValueFactory = _ => FaultCollector.DefaultExamples };
        var records = new Option<bool>("--no-pictures") { Description = "Check the annotations only." };
        var json = new Option<string?>("--json") { Description = "File for the findings, for programs." };
        var command = new Command(
            "check",
            """
            Checks a dataset and lists every problem at once, with file, record and field: errors, warnings, and what is worth knowing.
            Exit code 2 where there are errors, 0 where there are none.
            Examples: serve data check data/demo-scenes
                      serve data check data/demo-scenes/annotations/instances_val.json --json check.json
                      serve data check data/demo-scenes --split train,val --examples 20
            """);
        source.AddTo(command);
        command.Options.Add(examples);
        command.Options.Add(records);
        command.Options.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var opened = source.Open(parsed);
            var faults = new FaultCollector(ModelOptions.AtLeastOne("--examples", parsed.GetValue(examples)));
            opened.CheckWhole(faults);
            var splits = await SourceArguments.ReadAsync(opened, source.Splits(parsed, opened), faults, error, ct);
            DatasetCheck.CheckRecords(splits, faults);
            if (!parsed.GetValue(records))
            {
                await WorkProgress.RunAsync("looking at pictures", splits.Sum(split => split.Dataset.Images.Count), error, async progress =>
                {
                    await DatasetCheck.CheckPicturesAsync(splits, PictureHeader.ReadSize, faults, progress, ct);
                    return 0;
                });
            }

            var report = CheckReport.From(opened, splits, faults);
            if (parsed.GetValue(json) is { } file)
            {
                await Files.WriteAsync(file, report.ToJson(), ct);
            }

            await output.WriteAsync(report.ToText());
            return report.Errors == 0 ? 0 : BadInput;
        });
        return command;
    }
}
