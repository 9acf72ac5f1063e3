using Serve.Api.Jobs;

namespace Serve.Api.Tests.Jobs;

public class JobGateTests
{
    [Fact]
    public async Task One_that_takes_the_time_waits_for_those_that_work_and_keeps_others_out()
    {
        using var gate = new JobGate();
        var (first, second) = (await gate.EnterAsync(Token), await gate.EnterAsync(Token));

        var alone = gate.EnterAloneAsync(Token);
        var later = gate.EnterAsync(Token);
        first.Dispose();
        await Task.Delay(100, Token);
        Assert.False(alone.IsCompleted);
        second.Dispose();
        var inside = await alone;
        await Task.Delay(100, Token);
        Assert.False(later.IsCompleted);
        inside.Dispose();

        (await later).Dispose();
    }

    [Fact]
    public async Task One_that_gives_up_waiting_leaves_the_way_free()
    {
        using var gate = new JobGate();
        using var working = await gate.EnterAsync(Token);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var alone = gate.EnterAloneAsync(giveUp.Token);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        (await gate.EnterAsync(Token)).Dispose();
    }

    [Fact]
    public async Task Leaving_twice_is_leaving_once()
    {
        using var gate = new JobGate();
        var (first, second) = (await gate.EnterAsync(Token), await gate.EnterAsync(Token));

        first.Dispose();
        first.Dispose();
        var alone = gate.EnterAloneAsync(Token);
        await Task.Delay(100, Token);

        Assert.False(alone.IsCompleted);
        second.Dispose();
        (await alone).Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
