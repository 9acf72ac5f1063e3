using System.Diagnostics;
using System.Globalization;

namespace Serve.Serving.Bench;

/// <summary>Images a second without a server: of runs on a ready tensor, and of a loop that does what an answer needs.</summary>
internal static class Limits
{
    /// <summary>Writes the rows of a Markdown table: what, images a second with one runner on all cores, with a runner on each core.</summary>
    public static void Write(TextWriter output, string model, string folder, TimeSpan duration)
    {
        var pictures = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var cores = Environment.ProcessorCount;
        output.WriteLine($"| without a server | 1 runner x {cores} threads, images/s | {cores} runners x 1 thread, images/s |");
        output.WriteLine("|---|---|---|");
        WriteRow("ONNX Runtime alone, on a ready tensor", (plain, _, tensor) => plain.Run(tensor));
        WriteRow("plain loop: libvips, letterbox, run, decode", (plain, index, tensor) =>
        {
            var (pixels, width, height) = PlainPicture.Decode(pictures[index % pictures.Length]);
            plain.Detect(tensor, plain.Letterbox(pixels, width, height, tensor));
        });

        void WriteRow(string name, Action<PlainModel, int, float[]> step)
            => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Rate(1, cores, step):0} | {Rate(cores, 1, step):0} |"));

        double Rate(int runners, int threads, Action<PlainModel, int, float[]> step)
        {
            using var plain = new PlainModel(model, threads);
            NetVips.NetVips.Concurrency = 1;
            Count(TimeSpan.FromSeconds(1));
            var watch = Stopwatch.StartNew();
            return Count(duration) / watch.Elapsed.TotalSeconds;

            int Count(TimeSpan length)
            {
                var next = 0;
                var end = Stopwatch.StartNew();
                var threadsOf = Enumerable.Range(0, runners).Select(_ => new Thread(() =>
                {
                    var tensor = plain.NewTensor();
                    while (end.Elapsed < length)
                        step(plain, Interlocked.Increment(ref next), tensor);
                })).ToArray();
                foreach (var thread in threadsOf)
                    thread.Start();
                foreach (var thread in threadsOf)
                    thread.Join();
                return next;
            }
        }
    }
}
