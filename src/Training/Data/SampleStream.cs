using Serve.Training.Data.Orders;

namespace Serve.Training.Data;

/// <summary>Images in an order.</summary>
/// <param name="Kind">What they are for.</param>
/// <param name="Samples">Makes them.</param>
/// <param name="Order">Their order.</param>
internal sealed record SampleStream(SampleStreamKind Kind, SampleMaker Samples, SampleOrder Order)
{
    /// <summary>What is done to the images of a step.</summary>
    public SamplePlan[] Plan(long step)
    {
        var (epoch, keys) = Order.Batch(step);
        var plans = new SamplePlan[keys.Length];
        for (var i = 0; i < plans.Length; i++)
            plans[i] = Samples.Plan(epoch, keys.Span[i], Kind);
        return plans;
    }
}
