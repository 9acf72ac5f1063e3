using System.Globalization;

namespace Serve.Training.Bench;

/// <summary>Memory of this process as the system counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was in memory at once.</summary>
    public static double PeakMiB() => Read("VmHWM:");

    /// <summary>What is in memory now.</summary>
    public static double NowMiB() => Read("VmRSS:");

    // "VmRSS:    123456 kB"
    private static double Read(string name)
        => double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
