using System.Globalization;
using Serve.Eval.Bench.Load;

namespace Serve.Eval.Bench.Runs;

/// <summary>How time and memory of the whole process grow with the number of images.</summary>
internal static class Growth
{
    /// <summary>Writes a table: a row for each kind and number of images, medians.</summary>
    /// <param name="output">Where the table goes.</param>
    /// <param name="own">The program.</param>
    /// <param name="folder">Folder for the loads, each deleted after its runs.</param>
    /// <param name="kinds">Kinds of evaluation.</param>
    /// <param name="sizes">Numbers of images.</param>
    /// <param name="runs">Runs of each.</param>
    public static void Write(TextWriter output, OwnProgram own, string folder, IReadOnlyList<EvaluationKind> kinds, IReadOnlyList<int> sizes, int runs)
    {
        output.WriteLine("| kind | images | files | time | peak memory | a megabyte read takes | memory : files |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var kind in kinds)
        {
            foreach (var images in sizes)
            {
                var load = Path.Combine(folder, $"{kind.Name}-{images}");
                try
                {
                    new SyntheticLoad(images, seed: 1).Write(load, kind);
                    var megabytes = new DirectoryInfo(load).EnumerateFiles().Sum(file => file.Length) / 1e6;
                    own.Contestant.Run(kind, load);
                    var median = MeasuredRun.MedianOf([.. Enumerable.Range(0, runs).Select(_ => own.Contestant.Run(kind, load))]);
                    output.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {kind.Name} | {images:N0} | {megabytes:N0} MB | {median.Seconds:F3} s | {median.PeakMegabytes:N0} MB | {1e3 * median.Seconds / megabytes:F2} ms | {median.PeakMegabytes / megabytes:F2} |"));
                    output.Flush();
                }
                finally
                {
                    if (Directory.Exists(load))
                        Directory.Delete(load, recursive: true);
                }
            }
        }
        output.WriteLine();
    }
}
