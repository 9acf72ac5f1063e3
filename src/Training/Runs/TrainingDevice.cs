using Serve.Eval;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>The device of a training.</summary>
internal static class TrainingDevice
{
    /// <summary>The device of that name.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static Device Choose(string name)
    {
        if (name == "cpu" || (name == "auto" && !cuda.is_available()))
            return CPU;
        if (name is "auto" or "cuda")
            name = "cuda:0";
        if (name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name["cuda:".Length..], out var index) && index >= 0 && index < CudaDevices())
            return new Device(TorchSharp.DeviceType.CUDA, index);
        throw new InvalidInputException(
            $"device {name}: not there; allowed are auto, cpu{string.Concat(Enumerable.Range(0, CudaDevices()).Select(i => $", cuda:{i}"))}.");
    }

    /// <summary>The targets on a device, in the current dispose scope; the given ones stay with their batch.</summary>
    public static IReadOnlyList<DetectionTargets> Move(IReadOnlyList<DetectionTargets> targets, Device device)
        => device.type == TorchSharp.DeviceType.CPU
            ? targets
            : [.. targets.Select(target => target.To(device))];

    private static int CudaDevices() => cuda.is_available() ? cuda.device_count() : 0;
}
