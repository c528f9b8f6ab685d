// A picture of the whole sphere, seen from its middle: a fragment shader asks for each pixel where its ray meets the picture.

const vertexText = `#version 300 es
in vec2 corner; out vec2 at;
void main() { at = corner; gl_Position = vec4(corner, 0.0, 1.0); }`;

// The lens holds 1 / P00, 1 / P11, P20 / P00 and P21 / P11 of a projection P, so that one shader serves windows and headsets.
const fragmentText = `#version 300 es
precision highp float;
in vec2 at; out vec4 colour;
uniform sampler2D picture; uniform mat3 turn; uniform vec4 lens;
const float PI = 3.14159265358979;
void main() {
  vec3 ray = normalize(turn * vec3(at.x * lens.x + lens.z, at.y * lens.y + lens.w, -1.0));
  vec2 place = vec2(0.5 + atan(ray.x, -ray.z) / (2.0 * PI), 0.5 - asin(clamp(ray.y, -1.0, 1.0)) / PI);
  colour = textureLod(picture, place, 0.0);
}`;

const limit = (value, least, most) => Math.min(most, Math.max(least, value));

/** Columns of the rotation of a view: first up and down, then around. */
function rotation(yaw, pitch) {
  const [a, b, c, d] = [Math.cos(-yaw), Math.sin(-yaw), Math.cos(pitch), Math.sin(pitch)];
  return [a, 0, -b, b * d, c, a * d, b * c, -d, a * c];
}

/** The rotation of a device held as these angles say, with the screen turned by `screen`; degrees. Source: W3C DeviceOrientation. */
export function deviceRotation(alpha, beta, gamma, screen = 0) {
  const [x, y, z, s] = [beta, gamma, alpha, -screen].map((degrees) => (degrees * Math.PI) / 180);
  const turnX = (t) => [1, 0, 0, 0, Math.cos(t), Math.sin(t), 0, -Math.sin(t), Math.cos(t)];
  const turnY = (t) => [Math.cos(t), 0, -Math.sin(t), 0, 1, 0, Math.sin(t), 0, Math.cos(t)];
  const turnZ = (t) => [Math.cos(t), Math.sin(t), 0, -Math.sin(t), Math.cos(t), 0, 0, 0, 1];
  const times = (p, q) => Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [i % 3, Math.floor(i / 3)];
    return p[row] * q[3 * column] + p[row + 3] * q[3 * column + 1] + p[row + 6] * q[3 * column + 2];
  });
  // The earth's frame has its third axis up; the sphere's has its second.
  return [turnX(-Math.PI / 2), turnZ(z), turnX(x), turnY(y), turnZ(s)].reduce(times);
}

export class Sphere {
  constructor(canvas) {
    this.canvas = canvas;
    this.home();
    this.gl = canvas.getContext("webgl2", { alpha: false, antialias: false, powerPreference: "low-power" });
    if (this.gl) this.prepare();
    new ResizeObserver(() => this.draw()).observe(canvas);
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.prepare();
      if (this.picture) this.load(this.picture);
    });
    this.hear();
  }

  get isFlat() { return !this.gl; }

  home() {
    [this.yaw, this.pitch, this.field] = [0, 0, 80];
    this.device = null;
  }

  prepare() {
    const gl = this.gl;
    const part = (kind, text) => {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      return shader;
    };
    const program = gl.createProgram();
    gl.attachShader(program, part(gl.VERTEX_SHADER, vertexText));
    gl.attachShader(program, part(gl.FRAGMENT_SHADER, fragmentText));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      this.gl = null;
      return;
    }
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, "corner");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    this.places = { turn: gl.getUniformLocation(program, "turn"), lens: gl.getUniformLocation(program, "lens") };
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.REPEAT);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  }

  /** The largest picture that is taken as it is. */
  get most() { return this.gl ? Math.min(8192, this.gl.getParameter(this.gl.MAX_TEXTURE_SIZE)) : 2048; }

  /** Shows a picture: anything that can be drawn, twice as wide as high. */
  load(picture) {
    this.picture?.close?.();
    this.picture = picture;
    if (this.gl) this.gl.texImage2D(this.gl.TEXTURE_2D, 0, this.gl.RGBA, this.gl.RGBA, this.gl.UNSIGNED_BYTE, picture);
    this.draw();
  }

  draw() {
    if (this.waits || this.session) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.paint();
    });
  }

  paint() {
    if (!this.picture) return;
    const canvas = this.canvas;
    const box = canvas.getBoundingClientRect();
    const density = Math.min(2, devicePixelRatio);
    const [width, height] = [Math.max(1, Math.round(box.width * density)), Math.max(1, Math.round(box.height * density))];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    canvas.dataset.yaw = ((this.yaw * 180) / Math.PI).toFixed(1);
    canvas.dataset.pitch = ((this.pitch * 180) / Math.PI).toFixed(1);
    canvas.dataset.field = this.field.toFixed(1);
    canvas.dataset.paints = Number(canvas.dataset.paints ?? 0) + 1;
    if (!this.gl) return this.paintFlat(width, height);
    // The field of view is that of the longer side.
    const half = Math.tan((this.field * Math.PI) / 360);
    const [x, y] = width > height ? [half, (half * height) / width] : [(half * width) / height, half];
    this.gl.viewport(0, 0, width, height);
    this.shoot(this.device ? this.turned(this.device) : rotation(this.yaw, this.pitch), [x, y, 0, 0]);
  }

  shoot(turn, lens) {
    const gl = this.gl;
    gl.uniformMatrix3fv(this.places.turn, false, turn);
    gl.uniform4fv(this.places.lens, lens);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** The device's rotation, with what was dragged around besides. */
  turned(device) {
    const [a, b] = [Math.cos(-this.yaw), Math.sin(-this.yaw)];
    return device.map((value, i) => {
      const first = i - (i % 3);
      if (i % 3 === 0) return a * device[first] + b * device[first + 2];
      return i % 3 === 1 ? value : -b * device[first] + a * device[first + 2];
    });
  }

  paintFlat(width, height) {
    const pen = this.canvas.getContext("2d");
    const scale = Math.min(width / this.picture.width, height / this.picture.height);
    const [w, h] = [this.picture.width * scale, this.picture.height * scale];
    pen.clearRect(0, 0, width, height);
    pen.drawImage(this.picture, (width - w) / 2, (height - h) / 2, w, h);
  }

  turn(yaw, pitch) {
    this.yaw += yaw;
    if (this.yaw > Math.PI) this.yaw -= 2 * Math.PI;
    if (this.yaw < -Math.PI) this.yaw += 2 * Math.PI;
    this.pitch = limit(this.pitch + pitch, -Math.PI / 2, Math.PI / 2);
    this.draw();
  }

  zoom(factor) {
    this.field = limit(this.field * factor, 25, 120);
    this.draw();
  }

  // MARK: Hands

  hear() {
    const canvas = this.canvas;
    const fingers = new Map();
    const perPixel = () => ((this.field * Math.PI) / 180) / Math.max(canvas.clientWidth, canvas.clientHeight, 1);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, event);
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      if (fingers.size === 1) {
        this.turn((before.clientX - event.clientX) * perPixel(), (event.clientY - before.clientY) * perPixel());
      } else if (fingers.size === 2) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
        const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        if (apart(event) > 0) this.zoom(limit(apart(before) / apart(event), 0.8, 1.25));
      }
      fingers.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(limit(event.deltaY, -100, 100) / 500));
    }, { passive: false });
    const step = Math.PI / 36;
    const keys = {
      ArrowLeft: () => this.turn(-step, 0), ArrowRight: () => this.turn(step, 0), ArrowUp: () => this.turn(0, step), ArrowDown: () => this.turn(0, -step),
      "+": () => this.zoom(1 / 1.1), "=": () => this.zoom(1 / 1.1), "-": () => this.zoom(1.1), Home: () => { this.home(); this.draw(); },
    };
    canvas.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
  }

  // MARK: Headset

  /** Shows the sphere in a session of WebXR until it ends. */
  async enter(session) {
    const gl = this.gl;
    await gl.makeXRCompatible?.();
    const layer = new XRWebGLLayer(session, gl);
    await session.updateRenderState({ baseLayer: layer });
    const space = await session.requestReferenceSpace("local");
    this.session = session;
    session.addEventListener("end", () => {
      this.session = null;
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      this.draw();
    });
    const frame = (time, now) => {
      if (this.session !== session) return;
      session.requestAnimationFrame(frame);
      const pose = now.getViewerPose(space);
      if (!pose) return;
      gl.bindFramebuffer(gl.FRAMEBUFFER, layer.framebuffer);
      for (const view of pose.views) {
        const { x, y, width, height } = layer.getViewport(view);
        gl.viewport(x, y, width, height);
        const p = view.projectionMatrix;
        const m = view.transform.matrix;
        this.shoot([m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]], [1 / p[0], 1 / p[5], p[8] / p[0], p[9] / p[5]]);
      }
    };
    session.requestAnimationFrame(frame);
  }
}
