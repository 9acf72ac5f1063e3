using System.CommandLine;
using Serve.Eval;
using Serve.Eval.Reports;
using Serve.Eval.Usb;
using Serve.EvalCli;

namespace Serve.Cli.Usb;

/// <summary>The reports of <c>serve evaluate --json</c>, one a dataset of the benchmark.</summary>
internal sealed class DatasetReports
{
    private readonly Dictionary<UsbDataset, Option<string?>> _options = new()
    {
        [UsbDataset.Coco] = Report("--coco", "COCO", "usb"),
        [UsbDataset.Wod] = Report("--wod", "WOD", "usb-wod"),
        [UsbDataset.M109s] = Report("--m109s", "M109s", "usb-m109s"),
    };

    public void AddTo(Command command)
    {
        foreach (var option in _options.Values)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The numbers of the reports that are given, and what a reader should know of them.</summary>
    public async Task<(UsbResults Results, IReadOnlyList<string> Notes)> ReadAsync(ParseResult parsed, UsbDivisions rules, CancellationToken ct)
    {
        var (numbers, notes) = (new Dictionary<UsbDataset, UsbNumbers>(), new List<string>());
        foreach (var (dataset, option) in _options)
        {
            if (parsed.GetValue(option) is not { } file)
            {
                continue;
            }

            try
            {
                var report = EvaluationReport.FromJson(await File.ReadAllTextAsync(Files.Existing(file, option.Name), ct));
                numbers[dataset] = UsbNumbers.Of(report);
                notes.AddRange(Notes(file, report, rules.ProtocolOf(dataset)));
            }
            catch (InvalidInputException fault) when (!fault.Message.Contains(file, StringComparison.Ordinal))
            {
                throw new InvalidInputException($"{option.Name} {file}: {fault.Message}", fault);
            }
        }

        return (new UsbResults(numbers), notes);
    }

    private static Option<string?> Report(string name, string dataset, string protocol)
        => new(name) { Description = $"Report on {dataset}: what serve evaluate --protocol {protocol} --json wrote." };

    private static IEnumerable<string> Notes(string file, EvaluationReport report, UsbProtocol expected)
    {
        if (report.Protocol != expected.Name)
        {
            yield return $"{file} was made under {report.Protocol}; the benchmark's numbers on this dataset are made under {expected.Name}.";
        }

        if (!report.Parameters.MaxDetections.Order().SequenceEqual(expected.MaxDetections.Order()))
        {
            yield return $"{file} has the detection limits {string.Join(", ", report.Parameters.MaxDetections)}; the benchmark's are {string.Join(", ", expected.MaxDetections)}.";
        }
    }
}
