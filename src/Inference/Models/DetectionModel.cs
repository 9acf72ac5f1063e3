using System.Security.Cryptography;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Models;

/// <summary>A loaded detector: an ONNX session with its batcher. Thread-safe.</summary>
public sealed class DetectionModel : IAsyncDisposable
{
    /// <summary>Name of the graph's file in a model's folder.</summary>
    public const string GraphFileName = "model.onnx";

    private readonly ModelSession _session;
    private readonly Batcher _batcher;
    private readonly TimeProvider _time;

    private DetectionModel(ModelSession session, DetectionModelOptions options, string contentHash)
    {
        (_session, _time, ContentHash) = (session, options.Time, contentHash);
        _batcher = new Batcher(session, options);
    }

    /// <summary>The model's passport.</summary>
    public Passport Passport => _session.Passport;

    /// <summary>Lower-case hexadecimal SHA-256 of the ONNX file.</summary>
    public string ContentHash { get; }

    /// <summary>The device that runs it: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public string Device => _session.Device.Name;

    /// <summary>Why that device was chosen.</summary>
    public string DeviceReason => _session.Device.Reason;

    /// <summary>Most pictures in one run.</summary>
    public int MaxBatch => _batcher.MaxBatch;

    /// <summary>Loads a model from its folder or its ONNX file and warms it up.</summary>
    /// <param name="path">A folder with <c>model.onnx</c> and <c>model.json</c>, or an ONNX file whose passport is beside it or in its metadata.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="threads">Threads of one run; 0 for one a core.</param>
    /// <exception cref="InvalidInputException">No such model, a corrupt one, or a device that is not there.</exception>
    public static DetectionModel Load(string path, string device = "auto", int threads = 0)
        => Load(path, new DetectionModelOptions { Device = device, Threads = threads });

    /// <summary>Loads a model from its folder or its ONNX file and warms it up.</summary>
    /// <exception cref="InvalidInputException">No such model, a corrupt one, or a device that is not there.</exception>
    public static DetectionModel Load(string path, DetectionModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var graph = Directory.Exists(path) ? Path.Combine(path, GraphFileName) : path;
        if (!File.Exists(graph))
            throw new InvalidInputException($"{graph}: there is no such model; expected a folder with {GraphFileName} and {Passport.FileName}, or an ONNX file.");

        var passportPath = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(graph))!, Passport.FileName);
        var passport = File.Exists(passportPath) ? Passport.Read(passportPath) : null;
        var contentHash = Hash(graph);
        var session = ModelSession.Open(graph, passport, options);
        try
        {
            WarmUp(session);
            return new DetectionModel(session, options, contentHash);
        }
        catch (ModelOutputException e)
        {
            session.Dispose();
            throw new InvalidInputException($"{graph}: the model opens but does not run. {e.Message}", e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Detects objects in one picture. Calls from many threads are batched.</summary>
    /// <exception cref="QueueFullException">Too many requests wait already.</exception>
    /// <exception cref="ModelOutputException">The model failed or gave values that cannot be detections.</exception>
    public async Task<DetectionResult> DetectAsync(Picture picture, DetectionOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxDetections);
        var begun = _time.GetTimestamp();
        var prepared = begun;
        ResizePlan plan = default;
        var waiting = _batcher.RunAsync(
            input =>
            {
                plan = InputTensor.Write(picture, Passport.Input, input);
                prepared = _time.GetTimestamp();
            },
            options.Background,
            ct);
        var run = await waiting;

        var decoded = _time.GetTimestamp();
        var detections = Postprocessing.Detections(run.Candidates, plan, Passport, options);
        var timings = new DetectionTimings(
            Milliseconds(prepared, run.Started),
            Milliseconds(begun, prepared),
            Milliseconds(run.Started, run.Finished),
            Milliseconds(decoded, _time.GetTimestamp()));
        return new DetectionResult(detections, timings);
    }

    /// <summary>Finishes the requests that wait, then frees the session.</summary>
    public async ValueTask DisposeAsync()
    {
        await _batcher.DisposeAsync();
        _session.Dispose();
    }

    /// <summary>The first run allocates and picks kernels; it also shows whether the outputs are what the family promises.</summary>
    private static void WarmUp(ModelSession session)
    {
        using var input = new InputBuffer(1, session.Passport.Input.Height, session.Passport.Input.Width);
        input.Data.Clear();
        using var outputs = session.Run(input.Value);
        session.Decode(outputs, 0);
    }

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private double Milliseconds(long from, long to) => _time.GetElapsedTime(from, to).TotalMilliseconds;
}
