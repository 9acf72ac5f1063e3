using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Values of tensors that the host looks at. All that a step reads of its tensors goes through here, and tests count it.</summary>
/// <remarks>On an accelerator each read waits for everything that was asked of it before, so a step makes few: none in detectors that predict at every cell.</remarks>
internal static class HostRead
{
    [ThreadStatic]
    private static long _count;

    /// <summary>Reads of this thread so far.</summary>
    public static long Count => _count;

    /// <summary>All values of a float32 tensor.</summary>
    public static float[] Floats(Tensor values)
    {
        _count++;
        using var scope = NewDisposeScope();
        return values.detach().cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>Places where a condition holds: how many there are is a shape, which the host has to know.</summary>
    /// <returns>[S, number of axes] int64.</returns>
    public static Tensor Places(Tensor condition)
    {
        _count++;
        return condition.nonzero();
    }
}
