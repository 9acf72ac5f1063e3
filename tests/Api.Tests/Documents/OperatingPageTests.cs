using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Serve.Api.Hosting;
using Serve.Api.Telemetry;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;
using Serve.Inference.Detection;

namespace Serve.Api.Tests.Documents;

/// <summary>The page for operators tells what the code has: every option and every metric.</summary>
public sealed partial class OperatingPageTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "operating.md"));

    [Fact]
    public void Every_option_stands_there_with_its_default_and_its_range()
    {
        var told = OptionRow().Matches(Text).ToDictionary(row => row.Groups["name"].Value, row => (Default: row.Groups["default"].Value, Range: row.Groups["range"].Value));

        var options = OptionsOf(ServeOptions.Section, new ServeOptions()).ToList();

        Assert.Equal(options.Select(option => option.Name).Order(StringComparer.Ordinal), told.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value, range) in options)
        {
            Assert.Equal($"{name} is {value ?? "none"}", $"{name} is {told[name].Default.Trim('`')}");
            if (range is not null)
                Assert.Equal($"{name}: {TextOf(range)}", $"{name}: {told[name].Range}");
        }
    }

    [Fact]
    public void Every_switch_stands_there()
    {
        var switches = Switch().Matches(CommandLine.Usage).Select(found => found.Value.Trim());

        Assert.All(switches, name => Assert.Contains($"`{name}`", Text));
    }

    [Fact]
    public async Task A_scrape_has_exactly_the_metrics_kinds_and_labels_that_stand_there()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.WriteSlow(folder.File("models"), "watched", version: 1);
        await using var server = await ServeApplication.StartAsync(
            folder.Path, ("Serve:Run:Runners", "1"), ("Serve:Run:Threads", "1"), ("Serve:Run:MaxBatch", "1"));
        // Some are answered, one waits for longer than it may: all instruments have something to tell.
        await using (await SteadyLoad.StartAsync(server, "watched"))
            await server.Client.PostAsync("/v1/detect?timeout=1&priority=100", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.GatewayTimeout);

        var scrape = await server.Client.GetStringAsync("/metrics", Token);

        var told = Documented().ToDictionary(metric => metric.Name);
        Assert.Equal(told.Values.Select(metric => $"{metric.Name} {metric.Kind}").Order(StringComparer.Ordinal), Instruments().Order(StringComparer.Ordinal));
        var kinds = TypeLine().Matches(scrape).ToDictionary(line => line.Groups["name"].Value, line => line.Groups["kind"].Value);
        Assert.Equal(told.Keys.Order(StringComparer.Ordinal), kinds.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, kind) in kinds)
        {
            Assert.Equal($"{name} {told[name].Kind}", $"{name} {kind}");
            var series = Series().Matches(scrape).Where(line => Family(line.Groups["name"].Value, kinds) == name).ToList();
            Assert.NotEmpty(series);
            Assert.All(series, line => Assert.Equal(
                $"{name}: {string.Join(", ", told[name].Labels.Order(StringComparer.Ordinal))}",
                $"{name}: {string.Join(", ", Label().Matches(line.Groups["labels"].Value).Select(label => label.Groups[1].Value).Except(["otel_scope_name", "le"]).Order(StringComparer.Ordinal))}"));
        }
    }

    /// <summary>The metrics of this server in the page's table.</summary>
    internal static IEnumerable<(string Name, string Kind, string[] Labels)> Documented()
        => MetricRow().Matches(Text).Select(row => (
            row.Groups["name"].Value, row.Groups["kind"].Value, row.Groups["labels"].Value.Split([' ', ',', '`'], StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>The instruments that there are in this process, as Prometheus will call them, also those that have told nothing yet.</summary>
    private static HashSet<string> Instruments()
    {
        HashSet<string> found = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name is not (DetectMetrics.MeterName or InferenceMetrics.MeterName))
                    return;
                lock (found)
                    found.Add($"{PrometheusNameOf(instrument)} {KindOf(instrument)}");
            },
        };
        listener.Start();
        return found;
    }

    private static IEnumerable<(string Name, string? Default, RangeAttribute? Range)> OptionsOf(string prefix, object options)
        => options.GetType().GetProperties().Where(property => property.CanWrite).SelectMany(property =>
        {
            var (name, value) = ($"{prefix}:{property.Name}", property.GetValue(options));
            return property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
                ? OptionsOf(name, value!)
                : [(name, value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null, property.GetCustomAttribute<RangeAttribute>())];
        });

    private static string TextOf(RangeAttribute range)
    {
        var (least, most) = (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
        return most >= int.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"from {least:N0}")
            : string.Create(CultureInfo.InvariantCulture, $"{least:N0} to {most:N0}");
    }

    private static string PrometheusNameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return $"{instrument.Name.Replace('.', '_')}{unit}{(KindOf(instrument) == "counter" ? "_total" : "")}";
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Histogram" => "histogram",
        "Counter" => "counter",
        _ => "gauge",
    };

    private static string Family(string series, Dictionary<string, string> kinds)
        => kinds.ContainsKey(series) ? series : HistogramEnding().Replace(series, "");

    [GeneratedRegex(@"^\| `(?<name>Serve:[A-Za-z0-9:]+)` \| (?<default>`[^`]+`|none) \| (?<range>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^\| `(?<name>serve_[a-z_]+)` \| (?<kind>[a-z]+) \|(?<labels>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex("^  --[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex Switch();

    [GeneratedRegex(@"^# TYPE (?<name>serve_\w+) (?<kind>\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^(?<name>serve_\w+)\{(?<labels>[^}]*)\}", RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex("""([a-z_]+)="(?:[^"\\]|\\.)*",?""")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramEnding();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
