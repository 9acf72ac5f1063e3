using Serve.Inference.Repository;
using Serve.Inference.Tests.Detection;

namespace Serve.Inference.Tests.Repository;

public sealed class HeapUpkeepTests
{
    [Fact]
    public void Memory_is_given_back_once_a_period_while_there_are_runs()
    {
        var time = new SteppedTime();
        var returns = 0;
        var upkeep = new HeapUpkeep(TimeSpan.FromSeconds(5), time, () => returns++);

        upkeep.AfterRun();
        Assert.Equal(0, returns);

        time.Step(TimeSpan.FromSeconds(5));
        upkeep.AfterRun();
        upkeep.AfterRun();
        Assert.Equal(1, returns);

        time.Step(TimeSpan.FromSeconds(60));
        Assert.Equal(1, returns);
        upkeep.AfterRun();
        Assert.Equal(2, returns);
    }
}
