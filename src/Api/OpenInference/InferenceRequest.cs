using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>An inference request as it was read. Owns what was decoded from JSON; binary blocks are parts of the request's body.</summary>
internal sealed class InferenceRequest : IDisposable
{
    private readonly List<PooledBytes> _owned = [];

    /// <summary>What the client calls the request; echoed.</summary>
    public string? Id { get; set; }

    /// <summary>Parameters of the whole request.</summary>
    public RequestParameters Parameters { get; set; }

    /// <summary>Inputs in the request's order.</summary>
    public List<RequestInput> Inputs { get; } = [];

    /// <summary>Outputs that are asked for, in order; empty for all.</summary>
    public List<RequestOutput> Outputs { get; } = [];

    /// <summary>Memory that is given back with the request.</summary>
    public PooledBytes Own(PooledBytes bytes)
    {
        _owned.Add(bytes);
        return bytes;
    }

    /// <summary>Leaves its memory to the garbage collector: a run that nobody waits for any more may still read it.</summary>
    public void Abandon()
    {
        foreach (var bytes in _owned)
            bytes.Abandon();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var bytes in _owned)
            bytes.Dispose();
    }
}

/// <summary>One input tensor of a request.</summary>
internal sealed class RequestInput
{
    public required string Name { get; init; }

    public required TensorDatatype Datatype { get; init; }

    /// <summary>The full shape.</summary>
    public required long[] Shape { get; init; }

    /// <summary>Product of the shape.</summary>
    public required long Elements { get; init; }

    /// <summary>Little-endian, row-major; empty for BYTES.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>The elements of a BYTES tensor.</summary>
    public ReadOnlyMemory<byte>[] Strings { get; set; } = [];

    /// <summary>Whether it came as JSON.</summary>
    public bool FromJson { get; init; }

    /// <summary>The parameter <c>binary_data_size</c>.</summary>
    public long? BinarySize { get; init; }
}

/// <summary>An output that a request asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Binary">The parameter <c>binary_data</c>; null for the request's default.</param>
internal sealed record RequestOutput(string Name, bool? Binary);

/// <summary>The parameters that are understood; others are passed over.</summary>
internal record struct RequestParameters
{
    /// <summary><c>binary_data_output</c>: outputs come as blocks unless they say otherwise.</summary>
    public bool BinaryOutput { get; set; }

    /// <summary><c>priority</c>: 1 is the highest, larger is lower, 0 the default level.</summary>
    public int Priority { get; set; }

    /// <summary><c>timeout</c> in microseconds: how long the request may wait; 0 for as long as the server allows.</summary>
    public long TimeoutMicroseconds { get; set; }

    /// <summary><c>confidence</c>: detections with a lower score are left out.</summary>
    public double? Confidence { get; set; }

    /// <summary><c>iou</c>: boxes that overlap a better one by more are dropped.</summary>
    public double? Iou { get; set; }

    /// <summary><c>max_detections</c> a picture.</summary>
    public int? MaxDetections { get; set; }

    /// <summary>The timeout, where there is one.</summary>
    public readonly TimeSpan? Timeout => TimeoutMicroseconds == 0 ? null : TimeSpan.FromMicroseconds(TimeoutMicroseconds);
}
