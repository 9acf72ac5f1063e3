using TorchSharp.Modules;
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

    /// <summary>Creates an optimiser for the parameters of a module that need a gradient.</summary>
    /// <param name="module">The module.</param>
    /// <param name="weightDecay">Weight decay of weight matrices and kernels. Vectors (biases, norm weights, level scales) have none.</param>
    /// <param name="stateNames">Names of the tensors that are kept for each parameter; they start as zeros.</param>
    protected Optimizer(nn.Module module, double weightDecay, params string[] stateNames)
    {
        foreach (var (name, parameter) in module.named_parameters().Where(p => p.parameter.requires_grad))
        {
            var state = stateNames.Select(kind => _state[$"{kind}.{name}"] = zeros_like(parameter).detach().DetachFromDisposeScope()).ToArray();
            _slots.Add(new(parameter, state, parameter.dim() > 1 ? weightDecay : 0));
        }
    }

    /// <summary>Number of steps taken; set when a state is restored.</summary>
    public long Steps { get; set; }

    /// <summary>The state by name: <c>momentum.backbone.conv1.weight</c>. Restore it by copying into these tensors, which stay owned by the optimiser.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>The parameters, in the module's order.</summary>
    public IEnumerable<Parameter> Parameters => _slots.Select(slot => slot.Parameter);

    /// <summary>Sets all gradients to zero.</summary>
    public void ZeroGradients()
    {
        using var noGradient = no_grad();
        foreach (var slot in _slots)
        {
            using var gradient = slot.Parameter.grad;
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
            if (slot.Parameter.grad is { } gradient)
                Update(slot.Parameter, gradient, slot.State, slot.WeightDecay, learningRate);
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
    /// <param name="learningRate">Learning rate of this step.</param>
    protected abstract void Update(Tensor parameter, Tensor gradient, Tensor[] state, double weightDecay, double learningRate);

    private sealed record Slot(Parameter Parameter, Tensor[] State, double WeightDecay);
}
