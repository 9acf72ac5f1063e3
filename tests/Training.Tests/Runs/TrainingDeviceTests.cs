using Serve.Eval;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

public sealed class TrainingDeviceTests
{
    [Fact]
    public void Processor_is_always_there() => Assert.Equal(TorchSharp.DeviceType.CPU, TrainingDevice.Choose("cpu").type);

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:99")]
    [InlineData("cuda:-1")]
    [InlineData("")]
    public void Device_that_is_not_there_is_answered_with_those_that_are(string name)
    {
        var fault = Assert.Throws<InvalidInputException>(() => TrainingDevice.Choose(name));

        Assert.StartsWith($"device {name}: not there; allowed are auto, cpu", fault.Message, StringComparison.Ordinal);
        Assert.Equal(cuda.is_available(), fault.Message.Contains("cuda:0", StringComparison.Ordinal));
    }
}
