using System.Globalization;

namespace Serve.Cli.Bench;

/// <summary>The server's page of metrics, in Prometheus' text format.</summary>
internal sealed class MetricsPage(HttpClient client, Uri server)
{
    /// <summary>Managed bytes that a .NET server allocated since it started.</summary>
    public const string AllocatedBytes = "dotnet_gc_heap_total_allocated_bytes_total";

    /// <summary>The sum of a metric over its labels; null when the page or the metric is not there.</summary>
    public async Task<double?> ReadAsync(string name, CancellationToken ct)
    {
        string page;
        try
        {
            page = await client.GetStringAsync(new Uri(server, "/metrics"), ct);
        }
        catch (HttpRequestException)
        {
            return null;
        }

        double? sum = null;
        foreach (var line in page.Split('\n'))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length <= name.Length || line[name.Length] is not (' ' or '{'))
                continue;
            // name{labels} value [time]
            var value = line[(line.LastIndexOf('}') is var close and > 0 ? close + 1 : name.Length)..].Trim().Split(' ')[0];
            if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                sum = (sum ?? 0) + number;
        }

        return sum;
    }
}
