using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>
/// Changes parameters along their gradients. Unlike TorchSharp's optimisers, all state is named after its parameter, so that a
/// checkpoint holds it in a readable form and a resumed run continues bit for bit.
/// </summary>
public abstract class Optimizer : IDisposable
{
    private readonly Dictionary<string, Tensor> _state = [];
    private readonly List<Slot> _slots = [];

    /// <summary>Creates an optimiser.</summary>
    /// <param name="groups">The parameters and how each is changed.</param>
    /// <param name="stateNames">Names of the tensors that are kept for each parameter; they start as zeros.</param>
    protected Optimizer(IReadOnlyList<ParameterGroup> groups, params string[] stateNames)
    {
        foreach (var group in groups)
        {
            var state = stateNames.Select(kind => _state[$"{kind}.{group.Name}"] = zeros_like(group.Parameter, requires_grad: false).DetachFromDisposeScope()).ToArray();
            _slots.Add(new(group, state));
        }
    }

    /// <summary>Number of steps taken; set when a state is restored.</summary>
    public long Steps { get; set; }

    /// <summary>The state by name: <c>momentum.backbone.conv1.weight</c>. Restore it by copying into these tensors, which stay owned by the optimiser.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>The parameters and how each is changed, in the module's order.</summary>
    public IEnumerable<ParameterGroup> Groups => _slots.Select(slot => slot.Group);

    /// <summary>Sets all gradients to zero.</summary>
    public void ZeroGradients()
    {
        using var noGradient = no_grad();
        foreach (var slot in _slots)
        {
            using var gradient = slot.Group.Parameter.grad;
            gradient?.zero_();
        }
    }

    /// <summary>Takes one step. Parameters that have no gradient stay as they are.</summary>
    public void Step(double learningRate)
    {
        using var noGradient = no_grad();
        Steps++;
        foreach (var slot in _slots)
        {
            using var scope = NewDisposeScope();
            var group = slot.Group;
            if (group.Parameter.grad is { } gradient)
                Update(group.Parameter, gradient, slot.State, group.WeightDecay, learningRate * group.RateFactor);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _state.Values)
            tensor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes one parameter and its state in place; called without gradient recording, in its own dispose scope.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient, which may be overwritten.</param>
    /// <param name="state">Its state tensors, in the order of the names given to the constructor.</param>
    /// <param name="weightDecay">Its weight decay.</param>
    /// <param name="learningRate">Its learning rate in this step.</param>
    protected abstract void Update(Tensor parameter, Tensor gradient, Tensor[] state, double weightDecay, double learningRate);

    private sealed record Slot(ParameterGroup Group, Tensor[] State);
}
